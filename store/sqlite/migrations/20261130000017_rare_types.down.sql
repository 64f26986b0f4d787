DROP INDEX teg_transactions_rare;
