-- Agents have the roles of their tokens again.
DROP VIEW stripped_agents;
DROP INDEX agent_teg_profiles_stripped;
ALTER TABLE agent_teg_profiles DROP COLUMN revoked_roles;
DROP TABLE bootstrap_tokens;
