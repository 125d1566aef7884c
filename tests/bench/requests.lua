-- What wrk sends, and its figures in one line of numbers.
-- Usage: wrk -s requests.lua URL -- names COUNT [ETAG]     GET of organizations in turn
--                                 -- path PATH              GET of one path
--                                 -- changing PATH EVERY    the same, and once in EVERY a PATCH
--                                 -- create BODY            POST; "%d" in BODY becomes a number

-- Every request has what wrk was given with -H, the token.

local make = {}

local function with(headers)
  for name, value in pairs(wrk.headers) do headers[name] = headers[name] or value end
  return headers
end

function make.names(count, etag)
  local headers = with({ ["If-None-Match"] = etag })
  local requests, next = {}, 0
  for i = 1, count do
    requests[i] = wrk.format("GET", string.format("/v1/organizations/bench-%d", i), headers)
  end
  return function()
    next = (next + 7919) % count -- a prime: each name comes once a round
    return requests[next + 1]
  end
end

function make.path(path)
  local request = wrk.format("GET", path)
  return function() return request end
end

function make.changing(path, every)
  local get, number, run = wrk.format("GET", path), 0, os.time()
  local headers = with({ ["Content-Type"] = "application/json" })
  return function()
    number = number + 1
    if number % tonumber(every) > 0 then return get end
    return wrk.format("PATCH", string.format("/v1/organizations/bench-%d", number % 10000 + 1), headers,
      string.format('{"legalName":"Changed %d in %d"}', number, run))
  end
end

function make.create(body)
  local headers = with({ ["Content-Type"] = "application/json" })
  local number, run = 0, os.time()
  return function()
    number = number + 1
    headers["Idempotency-Key"] = string.format("bench-%d-%d", run, number)
    return wrk.format("POST", "/v1/organizations", headers, (body:gsub("%%d", number)))
  end
end

function init(args)
  request = make[args[1]](args[2], args[3])
end

-- Requests, microseconds of the run, p50 and p99 in microseconds, errors.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("figures %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
