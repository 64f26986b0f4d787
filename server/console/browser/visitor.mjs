// Somebody who is logged in, in a browser of its own.
import { look, tally, watch } from './look.mjs';

const sizes = { wide: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

export class Visitor {
  static async open(browser, economy, token, { scheme = 'light', size = 'wide' } = {}) {
    const context = await browser.newContext({ baseURL: economy.address, colorScheme: scheme, viewport: sizes[size], locale: 'en-US', reducedMotion: 'reduce' });
    const visitor = Object.assign(new Visitor(), { context, economy, scheme, size, token, page: await context.newPage() });
    watch(visitor.page);
    await visitor.go('/console/login');
    await visitor.page.fill('textarea', token);
    await visitor.page.click('button');
    await visitor.page.waitForURL('**/console');
    return visitor;
  }

  go(path) { return this.page.goto(path, { waitUntil: 'load' }); }

  async resize(size) { this.size = size; await this.page.setViewportSize(sizes[size]); }

  look(what) { return look(this.page, `${what}, ${this.scheme}, ${this.size}`); }

  text(selector = 'main') { return this.page.innerText(selector); }

  async shows(path, ...texts) {
    await this.go(path);
    const shown = await this.text();
    return texts.filter((text) => !shown.includes(text)).map((text) => `${path} does not show ${text}`);
  }

  // another is a second page of the same session.
  async another(path) {
    const page = await this.context.newPage();
    watch(page);
    await page.goto(path);
    return page;
  }

  // window is the same visitor in another window.
  async window() { return Object.assign(new Visitor(), this, { page: await this.another('/console') }); }

  async picture(name) {
    if (tally.pictures) await this.page.screenshot({ path: `${tally.pictures}/${name}.png` });
  }

  close() { return this.context.close(); }
}
