-- The days on which an account bought, and what they are in its life: the first ever, the last
-- before twelve months without any, the first after such a break. That the last of all was the
-- last is known only when the data goes on for twelve months. The braces are for the lines with
-- the key of their account, and for the last day of all lines.
SELECT
    account,
    day,
    before IS NULL AS is_first,
    coalesce(before + INTERVAL 1 YEAR <= day, false) AS is_return,
    coalesce(next, {last_day}) >= day + INTERVAL 1 YEAR AS is_last
FROM (
    SELECT
        account,
        day,
        lag(day) OVER purchases AS before,
        lead(day) OVER purchases AS next
    FROM (SELECT DISTINCT account, day FROM {lines} WHERE account <> '')
    WINDOW purchases AS (PARTITION BY account ORDER BY day)
)
WHERE is_first OR is_return OR is_last
