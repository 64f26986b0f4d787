DROP TABLE teg_attestation_logs;
DROP TABLE attestation_history;
DROP TABLE attestation_budgets;
DROP TABLE attestation_circuits;
