DROP TABLE log_tiles, log_checkpoints;
