DROP TABLE reputation_events, reputation_histogram, avtp_transaction_summary_logs;
DROP INDEX agent_teg_profiles_ranking;
ALTER TABLE agent_teg_profiles DROP COLUMN reputation_events, DROP COLUMN positive_signals, DROP COLUMN negative_signals, DROP COLUMN reputation_at;
UPDATE agent_teg_profiles SET reputation_score = 0 WHERE reputation_score <> 0;
