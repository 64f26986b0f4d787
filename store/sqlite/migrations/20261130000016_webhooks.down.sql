DROP TABLE webhook_deliveries;
DROP TABLE webhook_places;
DROP TABLE webhooks;
