DROP TABLE teg_dispute_logs, teg_dispute_history, teg_dispute_evidence, teg_dispute_storage;
