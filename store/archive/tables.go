package archive

// described are the tables that are exported: each with its key, and with its columns and
// their kinds. The tests of the drivers hold this against both schemas, and print the
// lines that are missing here. Rows are read in the order of the keys, which is the same
// in both databases: bytes of ids, numbers, bytes of texts.
var described = []struct{ name, key, columns string }{
	{"accounts", "id", `
		id int, owner text, kind int, stripe int, balance amount, seq int, status int, suspended_until time, owes amount,
		open_holds int, next_hold_expiry time, positions int, debited amount, fees amount, transactions int, next_unbonding time`},
	{"agent_teg_profiles", "did", `
		did text, account_id int, locked_id int, origin int, metadata text, suspension_reason text, reputation_score int,
		created_at time, reputation_events int, positive_signals int, negative_signals int, reputation_at time,
		revoked_roles int`},
	{"teg_transactions", "id", `
		id id, type int, sender int, sender_seq int, receiver int, receiver_seq int, amount amount, fee amount, reason text,
		reference_id text, reference text, at time`},
	{"entries", "transaction_id leg", `
		transaction_id id, leg int, account_id int, seq int, amount amount, balance_after amount`},
	{"holds", "id", `
		id id, payer int, locked int, receiver int, amount amount, fee amount, fee_fixed amount, fee_percentage int,
		fee_max amount, fee_rewards int, fee_burn int, captured amount, state int, void_by int, purpose text, created_at time,
		expires_at time, closed_at time`},
	{"journal_0", "key", `
		key id, fingerprint id, caller int, verb int, items int, subjects bytes, refusal bytes, at time`},
	{"journal_1", "key", `
		key id, fingerprint id, caller int, verb int, items int, subjects bytes, refusal bytes, at time`},
	{"journal_state", "singleton", `
		singleton bool, generation int, since time`},
	{"act_references", "key", `
		key id, subject id`},
	{"events", "position", `
		position int, id id, action text, actor text, at time, body bytes`},
	{"log_head", "singleton", `
		singleton bool, size int, terms_version int`},
	{"private_parts", "id", `
		id id, salt bytes, body bytes`},
	{"staking_total", "singleton", `
		singleton bool, cycle int, started_at time, at time, tokens amount, unbonding amount, weighted bool, seconds text,
		price text, distributed amount, paid amount, stakers int, stakes int, delegations int`},
	{"pools", "id", `
		id id, agent int, kind int, account int, tokens amount, shares text, pinned amount, closed bool, share_index text,
		share_open text, cycle int, at time, commission_weight text, commission_index text, commission_debt text,
		commission_cycle int, commission_earned text, paid amount, live bool`},
	{"stakes", "id", `
		id id, owner int, staked_at time, pool_id id, shares text, own_weight text, own_index text, own_debt text, own_cycle int,
		own_earned text, left_weight text, left_index text, left_debt text, left_cycle int, left_earned text, paid amount,
		parts_out int, auto_compound bool, unstaked_at time, claimed_at time, live bool`},
	{"delegations", "id", `
		id id, stake_id id, delegator int, validator int, pool_id id, share int, started_at time, shares text, part_weight text,
		part_index text, part_debt text, part_cycle int, part_earned text, amount amount, ended_at time, live bool`},
	{"unbondings", "id", `
		id id, owner int, stake_id id, pool_id id, shares text, returns bool, available_at time, released_at time, live bool`},
	{"reward_cycles", "number", `
		number int, id id, started_at time, ended_at time, weighted bool, rate int, pool amount, collected amount,
		from_reserve amount, issued amount, stakers int, price text, price_sum text`},
	{"slashes", "id", `
		id id, agent int, evidence text, reason text, self_rate int, delegations_rate int, self_amount amount,
		delegated_amount amount, at time`},
	{"reputation_events", "agent seq", `
		agent int, seq int, requested int, applied int, score int, reason int, giver int, weight int, transaction_id id,
		related_id id, at time`},
	{"reputation_histogram", "score stripe", `
		score int, stripe int, agents int`},
	{"avtp_transaction_summary_logs", "id", `
		id id, scope id, own id, reporter text, avtp_transaction_id text, initiator int, responder int, service text,
		price amount, sla text, transaction_id id, outcome int, final bool, status int, at time, initiator_seq int,
		responder_seq int, initiator_change int, responder_change int`},
	{"auditor_flag_logs", "id", `
		id id, agent text, rule text, reason text, transactions text, raised_by text, window_start time, shadow bool,
		created_at time, severity int, status int, notes text, steps int, updated_at time`},
	{"auditor_flag_history", "flag seq", `
		flag id, seq int, actor text, status int, severity int, notes text, at time`},
	{"log_readers", "name", `
		name text, position int, holder id, held_until time`},
	{"teg_policies", "id", `
		id id, code text, type int, created_at time, name text, description text, parameters text, reward amount, circuit text,
		level int, active bool, version int, change int, changed_by text, updated_at time`},
	{"teg_policy_versions", "change", `
		change int, policy id, code text, type int, created_at time, name text, description text, parameters text, reward amount,
		circuit text, level int, active bool, version int, changed_by text, at time`},
	{"teg_attestation_logs", "id", `
		id id, agent text, scope id, policy id, policy_version int, policy_code text, type text, data text, data_hash text,
		pointer text, waits_for_storage bool, circuit text, inputs text, proof text, proven int, offer amount, submitted_at time,
		status int, reward amount, transaction_id id, storage int, charged_at time, notes text, steps int, updated_at time`},
	{"attestation_history", "submission seq", `
		submission id, seq int, actor text, status int, reward amount, transaction_id id, storage int, notes text, at time`},
	{"attestation_budgets", "policy", `
		policy id, day int, today amount, total amount`},
	{"attestation_circuits", "id", `
		id text, verifying_key text, key_hash text, input_names text, registered_by text, at time`},
	{"teg_dispute_logs", "id", `
		id id, claimant text, defendant text, cause_kind int, cause id, transaction_id id, avtp text, reason text, category text,
		description text, value amount, hold id, fee amount, bond amount, filed_at time, status int, deadline time,
		pinned amount, pool id, response text, responded_at time, frivolous bool, hold_end int, penalty amount, collected amount,
		notes text, claims int, defences int, steps int, updated_at time`},
	{"teg_dispute_history", "dispute seq", `
		dispute id, seq int, from_status int, to_status int, actor text, note text, at time, until time`},
	{"teg_dispute_evidence", "id", `
		id id, dispute id, seq int, party text, pointer text, description text, at time`},
	{"teg_dispute_storage", "evidence", `
		evidence id, sound bool, size int, problem text, at time`},
	{"debts", "id", `
		id id, debtor int, creditor int, amount amount, cause id, created_at time, collected amount, closed_at time, live bool`},
	{"panel_rounds", "id", `
		id id, dispute id, number int, guard int, secret text, log_position int, log_event text, seed text, roll text,
		passed text, size int, reveal_window int, penalty amount, reward amount, drawn_at time, state int, deadline time,
		choice int, steps int, updated_at time`},
	{"panel_seats", "id", `
		id id, round id, dispute id, number int, juror text, account int, pool id, pinned amount, weight amount, commitment text,
		committed_at time, choice int, salt text, revealed_at time, penalty amount, reward amount, open bool`},
	{"panel_history", "round seq", `
		round id, seq int, state int, actor text, note text, at time`},
	{"used_challenges", "digest", `
		digest bytes, expires_at time`},
	{"login_sessions", "id", `
		id id, agent text, generation int, opened_at time, expires_at time, state int, ended_at time`},
	{"bootstrap_tokens", "id", `
		id id, hash text, type_hint text, requested_by text, own_grant bool, grant_amount amount, issued_by text,
		issued_at time, expires_at time, used_by text, used_at time`},
	{"webhooks", "id", `
		id id, owner text, all_events bool, created_at time, url text, actions text, about text, description text, status int,
		reason text, generation int, old_until time, steps int, updated_at time`},
	{"webhook_places", "webhook", `
		webhook id, position int, pending bool, failures int, since time, next_at time`},
	{"log_tiles", "level idx", `
		level int, idx int, latest id, root bytes, hashes bytes`},
	{"log_checkpoints", "origin size", `
		origin text, size int, root bytes, at time, note text`},
	{"log_segments", "upto", `
		upto int, since int, sha256 bytes, root bytes, newest time, told text, at time`},
	{"kept_events", "position", `
		position int, id id, action text, actor text, at time, body bytes`},
	{"log_tail", "singleton", `
		singleton bool, position int`},
}
