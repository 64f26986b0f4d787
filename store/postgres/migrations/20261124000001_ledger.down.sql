DROP TABLE accounts, agent_teg_profiles, teg_transactions, entries, holds, journal_0, journal_1, journal_state,
    act_references, events, log_head, event_inbox, private_parts;
DROP SEQUENCE account_ids;
DROP FUNCTION refuse_change();
