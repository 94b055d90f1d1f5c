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

-- Adds records: number, checksum and data of each, from that argument on.
local function add(journal, args, first)
    for at = first, #args, 3 do
        redis.call('XADD', journal, args[at] .. '-0', 'c', args[at + 1], 'd', args[at + 2])
    end
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

-- Who has the lease; '' while nobody has it.
local function holder_of(lease)
    return redis.call('GET', lease) or ''
end

-- What is answered to who ought to have the lease and has not; nothing to who has it.
local function lacks_lease(lease, holder)
    local held = holder_of(lease)
    if held ~= holder then
        return redis.error_reply(held == '' and 'SAMKO_NO_LEASE' or 'SAMKO_LEASE')
    end
end

-- keys: journal, incarnation; args: incarnation. Writes it again, for WAIT waits for a write alone:
-- who has this one has all before it.
local function confirm(keys, args)
    if is_another(keys[2], args[1]) then
        return redis.error_reply('SAMKO_INCARNATION')
    end
    return redis.call('SET', keys[2], args[1])
end

-- keys: journal, incarnation, lease; args: incarnation, holder, number of the last record, then
-- number, checksum and data of each new one. Sent twice it writes once: what stands there already
-- is well.
local function append(keys, args)
    if is_another(keys[2], args[1]) then
        return redis.error_reply('SAMKO_INCARNATION')
    end
    local refusal = lacks_lease(keys[3], args[2])
    if refusal then
        return refusal
    end
    local number, checksum = last_of(keys[1])
    if number ~= args[3] then
        if number == args[#args - 2] and checksum == args[#args - 1] then
            confirm(keys, args) -- it stands there already, though replicas may lack it
            return number
        end
        return redis.error_reply('SAMKO_LAST ' .. number)
    end
    add(keys[1], args, 4)
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

-- keys: journal, incarnation, snapshot, kept_after; args: incarnation, number of the last record
-- that is in the archive, its checksum there, how many of the latest are to stay. Gives how many
-- have gone now; again until it is none. The record itself stays: the chain goes on from it.
local function let_go(keys, args)
    if is_another(keys[2], args[1]) then
        return redis.error_reply('SAMKO_INCARNATION')
    end
    local until_id = args[2] .. '-0'
    local found = redis.call('XRANGE', keys[1], until_id, until_id)[1]
    if not found or found[2][2] ~= args[3] then
        return redis.error_reply('SAMKO_LET_GO record ' .. args[2] .. ' is not as in the archive')
    end
    local number = tonumber(args[2])
    if number > tonumber(redis.call('HGET', keys[3], 'number') or '0') then
        return redis.error_reply('SAMKO_LET_GO no snapshot covers record ' .. args[2])
    end
    if number + tonumber(args[4]) > tonumber((last_of(keys[1]))) then
        return redis.error_reply('SAMKO_LET_GO fewer than ' .. args[4] .. ' would stay')
    end
    if number > tonumber(redis.call('GET', keys[4]) or '0') then
        redis.call('SET', keys[4], args[2])
    end
    return redis.call('XTRIM', keys[1], 'MINID', '~', until_id, 'LIMIT', 10000)
end

-- keys: journal, incarnation, lease, snapshot, kept_after; args: holder, the incarnation that its
-- writer knew, a new one, the last record that was written to it, number, checksum and data of the
-- snapshot, then number, checksum and data of each record that it begins with. Only for a journal
-- that is gone, or ends before that last record.
local function begin_anew(keys, args)
    local refusal = lacks_lease(keys[3], args[1])
    if refusal then
        return refusal
    end
    local found = redis.call('GET', keys[2])
    if found == args[3] then
        return found
    end
    if found and found ~= args[2] then
        return redis.error_reply('SAMKO_INCARNATION')
    end
    local last = last_of(keys[1])
    if found and tonumber(last) >= tonumber(args[4]) then
        return redis.error_reply('SAMKO_LAST ' .. last)
    end
    redis.call('DEL', keys[1], keys[4], keys[5])
    redis.call('SET', keys[2], args[3])
    redis.call('HSET', keys[4], 'number', args[5], 'checksum', args[6], 'data', args[7])
    add(keys[1], args, 8)
    if args[8] ~= '1' then
        redis.call('SET', keys[5], args[8])
    end
    return args[3]
end

-- keys: journal, incarnation; args: number, checksum and data of each record of a back-up, in order.
local function put_back(keys, args)
    if redis.call('EXISTS', keys[2]) == 1 then
        return redis.error_reply('SAMKO_THERE')
    end
    add(keys[1], args, 1)
    return (last_of(keys[1]))
end

-- keys: journal, incarnation, snapshot, kept_after; args: the journal's name, kept_after, then
-- number, checksum and data of the snapshot (number 0: none). From now on it can be opened.
local function name(keys, args)
    if redis.call('EXISTS', keys[2]) == 1 then
        return redis.error_reply('SAMKO_THERE')
    end
    if args[2] ~= '0' then
        redis.call('SET', keys[4], args[2])
    end
    if args[3] ~= '0' then
        redis.call('HSET', keys[3], 'number', args[3], 'checksum', args[4], 'data', args[5])
    end
    redis.call('SET', keys[2], args[1])
    return redis.status_reply('OK')
end

-- keys: lease; args: holder, milliseconds. Gives whether it is the holder's from now on.
local function take_lease(keys, args)
    local held = holder_of(keys[1])
    if held ~= '' and held ~= args[1] then
        return 0
    end
    redis.call('SET', keys[1], args[1], 'PX', args[2])
    return 1
end

-- keys: lease; args: holder, milliseconds. As take_lease, if it is the holder's already.
local function renew_lease(keys, args)
    return holder_of(keys[1]) == args[1] and take_lease(keys, args) or 0
end

-- keys: lease; args: holder, who is to have it next or nobody, milliseconds. What was given up
-- stands as '' for a while: whoever stands by sees that it was, and that Redis did not lose it.
local function give_lease(keys, args)
    if holder_of(keys[1]) ~= args[1] then
        return 0
    end
    redis.call('SET', keys[1], args[2], 'PX', args[3])
    return 1
end

-- keys: nodes, journal; args: a node's start, what it says of itself, milliseconds that this is to
-- be believed. Kept with the moment and the journal's last number; gives the latter.
local function note_node(keys, args)
    local time = redis.call('TIME')
    local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
    local found = redis.call('HGETALL', keys[1])
    for place = 1, #found, 2 do
        if tonumber(string.match(found[place + 1], '^%d+')) + args[3] < now_ms then
            redis.call('HDEL', keys[1], found[place])
        end
    end
    local last = last_of(keys[2])
    local entry = string.format('%.0f %s %s', now_ms, last, args[2])
    redis.call('HSET', keys[1], args[1], entry)
    redis.call('PEXPIRE', keys[1], args[3])
    return tonumber(last)
end

-- keys: commands, answers, lease; args: holder, the last entry that has been decided, how many
-- answers to keep, then start, count, last record, code and message of each answer.
local function answer(keys, args)
    local refusal = lacks_lease(keys[3], args[1])
    if refusal then
        return refusal
    end
    for at = 4, #args, 5 do
        redis.call('XADD', keys[2], 'MAXLEN', '~', args[3], '*', 's', args[at], 'n', args[at + 1],
            'r', args[at + 2], 'c', args[at + 3], 'm', args[at + 4])
    end
    local ms, count = string.match(args[2], '^(%d+)-(%d+)$')
    redis.call('XTRIM', keys[1], 'MINID', '=', string.format('%s-%.0f', ms, count + 1))
    return redis.status_reply('OK')
end

-- keys: version; args: the version in which records are to be written. It never goes back; gives
-- the one that stands now.
local function raise_version(keys, args)
    if tonumber(args[1]) > tonumber(redis.call('GET', keys[1]) or '1') then
        redis.call('SET', keys[1], args[1])
    end
    return tonumber(redis.call('GET', keys[1]) or '1')
end

-- keys: hand_over; args: the wish that is over. Another that was made since stands.
local function forget_wish(keys, args)
    if redis.call('GET', keys[1]) == args[1] then
        redis.call('DEL', keys[1])
    end
    return redis.status_reply('OK')
end

redis.register_function('samko1_take_lease', take_lease)
redis.register_function('samko1_renew_lease', renew_lease)
redis.register_function('samko1_answer', answer)
redis.register_function('samko1_give_lease', give_lease)
redis.register_function('samko1_note_node', note_node)
redis.register_function('samko1_raise_version', raise_version)
redis.register_function('samko1_forget_wish', forget_wish)
redis.register_function('samko1_open', open)
redis.register_function('samko1_append', append)
redis.register_function('samko1_confirm', confirm)
redis.register_function('samko1_begin_anew', begin_anew)
redis.register_function('samko1_save_snapshot', save_snapshot)
-- A Redis that is full takes no writes but this one, which makes room.
redis.register_function{
    function_name = 'samko1_let_go', callback = let_go, flags = { 'allow-oom' }
}
redis.register_function('samko1_put_back', put_back)
redis.register_function('samko1_name', name)
