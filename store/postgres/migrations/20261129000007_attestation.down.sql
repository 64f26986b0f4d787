DROP TABLE teg_attestation_logs, attestation_history, attestation_budgets, attestation_circuits;
