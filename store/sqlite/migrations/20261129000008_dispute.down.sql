DROP TABLE teg_dispute_logs;
DROP TABLE teg_dispute_history;
DROP TABLE teg_dispute_evidence;
DROP TABLE teg_dispute_storage;
