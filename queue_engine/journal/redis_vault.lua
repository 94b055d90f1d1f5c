#!lua name=samko1_vault
-- The vault's writes, each one function and so undivided. Nothing here sees what is sealed.

-- keys: proof of the key, entry, contacts by the moment they were put, by that of their end; args:
-- the proof that the writer knows, contact, what is sealed, moment, milliseconds that the entry
-- may live. A vault that was emptied has its proof again with the first entry.
local function vault_put(keys, args)
    local proof = redis.call('GET', keys[1])
    if proof and proof ~= args[1] then
        return redis.error_reply('SAMKO_KEY')
    end
    redis.call('SET', keys[1], args[1])
    redis.call('SET', keys[2], args[3], 'PX', args[5])
    redis.call('ZADD', keys[3], args[4], args[2])
    redis.call('ZREM', keys[4], args[2])
    return redis.status_reply('OK')
end

-- keys: entry, contacts by the moment of their end; args: contact, moment, milliseconds that the
-- entry may live from now on. The first end counts.
local function vault_end(keys, args)
    if redis.call('EXISTS', keys[1]) == 1 and not redis.call('ZSCORE', keys[2], args[1]) then
        redis.call('ZADD', keys[2], args[2], args[1])
        redis.call('PEXPIRE', keys[1], args[3], 'LT')
    end
    return redis.status_reply('OK')
end

-- keys: entry, contacts by the moment of their end, by that they were put; args: contact, the last
-- moment of an end that was none, milliseconds that an entry may live from when it was put.
local function vault_alive(keys, args)
    local ended = redis.call('ZSCORE', keys[2], args[1])
    if ended and tonumber(ended) <= tonumber(args[2]) then
        redis.call('ZREM', keys[2], args[1])
        local put = tonumber(redis.call('ZSCORE', keys[3], args[1]) or args[2])
        local left = math.max(1, put + tonumber(args[3]) - tonumber(args[2]))
        redis.call('PEXPIRE', keys[1], string.format('%.0f', left))
    end
    return redis.status_reply('OK')
end

-- keys: entry, contacts by moment (which of them decides), the other ones; args: contact, the last
-- moment of which one is erased, or nothing. Gives how many entries there were.
local function vault_erase(keys, args)
    local at = redis.call('ZSCORE', keys[2], args[1])
    if args[2] ~= '' and (not at or tonumber(at) > tonumber(args[2])) then
        return 0
    end
    redis.call('ZREM', keys[2], args[1])
    redis.call('ZREM', keys[3], args[1])
    return redis.call('DEL', keys[1])
end

-- keys: entry, access log; args: moment, contact, reader, reason. What is sealed, once that it is
-- read is in the log.
local function vault_read(keys, args)
    local sealed = redis.call('GET', keys[1])
    local last = redis.call('XREVRANGE', keys[2], '+', '-', 'COUNT', 1)[1]
    local number = last and tonumber(string.match(last[1], '^%d+')) + 1 or 1
    redis.call('XADD', keys[2], string.format('%.0f-0', number), 'at_ms', args[1], 'contact',
        args[2], 'reader', args[3], 'reason', args[4], 'found', sealed and '1' or '0')
    return sealed
end

redis.register_function('samko1_vault_put', vault_put)
redis.register_function('samko1_vault_end', vault_end)
redis.register_function('samko1_vault_alive', vault_alive)
redis.register_function('samko1_vault_erase', vault_erase)
redis.register_function('samko1_vault_read', vault_read)
