-- Token buckets of the rate limits are kept in memory: one process serves this
-- database. The step keeps the numbers of both databases' schemas together.
SELECT 1;
