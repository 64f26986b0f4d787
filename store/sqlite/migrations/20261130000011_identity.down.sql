DROP TABLE login_sessions;
DROP TABLE used_challenges;
