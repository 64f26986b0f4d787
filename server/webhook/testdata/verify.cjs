// Says whether a message is good, by the library for receivers: see TestSignaturesInJavaScript.
const { Webhook } = require('standardwebhooks');
const given = JSON.parse(require('fs').readFileSync(0, 'utf8'));
try {
  new Webhook(given.secret).verify(given.body, given.headers);
  console.log('good');
} catch (e) {
  console.log('bad');
}
