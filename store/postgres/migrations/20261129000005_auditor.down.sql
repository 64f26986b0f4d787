DROP TABLE auditor_flag_logs, auditor_flag_history, log_readers;
