#!lua name=samko1
-- The journal's writes, each one function and so undivided: Redis runs nothing else meanwhile.
-- Errors begin with SAMKO_ and a word; `redis_journal.py` makes of them what the port promises.

-- The number and the checksum of the last record; '0' and '0' of an empty journal.
local function last_of(journal)
    local last = redis.call('XREVRANGE', journal, '+', '-', 'COUNT', 1)[1]
    if not last then
        return '0', '0'
    end
    return string.match(last[1], '^%d+'), last[2][2]
end

local function is_another(incarnation, expected)
    return redis.call('GET', incarnation) ~= expected
end

-- keys: journal, incarnation, snapshot; args: a name for it if it begins now. Gives its name.
local function open(keys, args)
    local found = redis.call('GET', keys[2])
    if found then
        return found
    end
    if redis.call('EXISTS', keys[1], keys[3]) > 0 then
        return redis.error_reply('SAMKO_NAMELESS')
    end
    redis.call('SET', keys[2], args[1])
    return args[1]
end

-- keys: journal, incarnation; args: incarnation, number of the last record, then number, checksum
-- and data of each new one. Sent twice it writes once: what stands there already is well.
local function append(keys, args)
    if is_another(keys[2], args[1]) then
        return redis.error_reply('SAMKO_INCARNATION')
    end
    local number, checksum = last_of(keys[1])
    if number ~= args[2] then
        if number == args[#args - 2] and checksum == args[#args - 1] then
            return number
        end
        return redis.error_reply('SAMKO_LAST ' .. number)
    end
    for first = 3, #args, 3 do
        redis.call('XADD', keys[1], args[first] .. '-0', 'c', args[first + 1], 'd', args[first + 2])
    end
    return (last_of(keys[1]))
end

-- keys: journal, incarnation, snapshot; args: incarnation, number, checksum of the data, data.
local function save_snapshot(keys, args)
    if is_another(keys[2], args[1]) then
        return redis.error_reply('SAMKO_INCARNATION')
    end
    local latest = redis.call('HGET', keys[3], 'number') or '0'
    local last = last_of(keys[1])
    local number = tonumber(args[2])
    if number < math.max(tonumber(latest), 1) or number > tonumber(last) then
        return redis.error_reply('SAMKO_SNAPSHOT ' .. latest .. ' ' .. last)
    end
    redis.call('HSET', keys[3], 'number', args[2], 'checksum', args[3], 'data', args[4])
    return redis.status_reply('OK')
end

redis.register_function('samko1_open', open)
redis.register_function('samko1_append', append)
redis.register_function('samko1_save_snapshot', save_snapshot)
