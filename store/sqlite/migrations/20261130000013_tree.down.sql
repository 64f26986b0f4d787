DROP TABLE log_tiles;
DROP TABLE log_checkpoints;
