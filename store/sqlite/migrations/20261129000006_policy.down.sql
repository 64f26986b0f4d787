DROP TABLE teg_policies;
DROP TABLE teg_policy_versions;
ALTER TABLE log_head DROP COLUMN terms_version;
