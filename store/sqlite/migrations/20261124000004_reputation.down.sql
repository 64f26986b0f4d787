DROP TABLE reputation_events;
DROP TABLE reputation_histogram;
DROP TABLE avtp_transaction_summary_logs;
DROP INDEX agent_teg_profiles_ranking;
ALTER TABLE agent_teg_profiles DROP COLUMN reputation_events;
ALTER TABLE agent_teg_profiles DROP COLUMN positive_signals;
ALTER TABLE agent_teg_profiles DROP COLUMN negative_signals;
ALTER TABLE agent_teg_profiles DROP COLUMN reputation_at;
UPDATE agent_teg_profiles SET reputation_score = 0 WHERE reputation_score <> 0;
