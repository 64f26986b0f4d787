DROP TABLE auditor_flag_logs;
DROP TABLE auditor_flag_history;
DROP TABLE log_readers;
