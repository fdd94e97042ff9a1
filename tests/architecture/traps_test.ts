/** Every known trap of the venue (TRAPS.md, 1 to 76) has a test that falls when we step into it, or a reason why not. */
import { strict as assert } from "node:assert";
import { filesUnder, source } from "./source.ts";

/** Number, then part of a test's title, or "not applicable because …". */
const TRAPS = `
1 carries id, price, quantity, fee and what is left
2 scaled() reads what the venue writes
3 a cancel that lost the race is still shown as Filled
4 stop amend answered 110001
5 three maker timeouts of one signal
6 every recorded sample reads as reviewed
7 with 40 filled before its execution arrives
8 replies that overtake each other on two connections
9 executions that arrive after cumExecQty
10 open orders: every kind, duplicates resolved
11 a liquidation fill without our id is an execution
12 funding is paid positive and received negative
13 funding is paid positive and received negative
14 carries id, price, quantity, fee and what is left
15 price is its cap; what it filled at is avgPrice
16 two market attempts with a rest
17 leverage and price adjust: not modified is done
18 its neighbours pass, one ParseFault
19 position already zero: the venue is asked
20 leverage and price adjust: not modified is done
21 an ack is PENDING; 500 ms later the stop is looked up
22 positionIdx 0, no stopLoss
23 refused as passed: market exit at once
24 every recorded sample reads as reviewed
25 an orphan stop when the next trade starts
26 open orders: every kind, duplicates resolved
27 conditional market order by mark
28 after two refusals the stop is replaced
29 not applicable because no take-profit or stop-loss parameter is ever sent; see the order bodies of trap 22
30 only the BTC row counts
31 free BTC is the wallet less margins
32 fills of zero, negative or broken contracts
33 no recorded frame of another market becomes an event
34 positionIdx 0, no stopLoss
35 flat positions, with side empty or None
36 REST says avgPrice, the stream entryPrice
37 not applicable because switch-isolated, set-risk-limit and switch-mode are not among the endpoints
38 every code of the venue's table classifies
39 leverage and price adjust: not modified is done
40 a row with a position index is shown
41 percent and fraction risk tiers
42 every recorded sample reads as reviewed
43 a foreign long whose computed stop is already passed
44 closed-pnl decides by closedPnl alone
45 not applicable because collateralSwitch and marginCollateral are not read
46 a signature is never ahead of the server
47 the bytes on the wire are the bytes that were signed
48 credential refusals say what to do
49 credential refusals say what to do
50 the boot checks' facts
51 HTTP 403: one IpBanned
52 10006 pauses its endpoint, with or without a reset header
53 an order that was applied although its reply was lost
54 order ids follow role, side and generation
55 the cause of the third rejection in a row
56 HTTP status is judged before the body
57 every code of the venue's table classifies
58 every shape of pong keeps the session
59 a silent socket is abandoned after 10 s
60 auth, wait, subscribe, wait
61 a refused subscription reconnects
62 degraded clearing before the snapshot
63 auth, wait, subscribe, wait
64 ticker: snapshot first, then deltas
65 ticker: snapshot first, then deltas
66 a repeated one is no news
67 candles the stream owes are read by REST
68 REST lagging flat three times after a fill
69 equity is base + own realised + unrealised
70 every recorded sample reads as reviewed
71 a look-up asks realtime open, realtime closed, history, executions
72 executions older than seven days
73 warm-up bars: closed ones only
74 scaled() is exact for every decimal
75 not applicable because cancel-all is never sent (F-10.10)
76 not applicable because orders keep resting on purpose: the stop at the venue is the dead man's switch
`.trim().split("\n").map((line) => {
  const cut = line.indexOf(" ");
  return [Number(line.slice(0, cut)), line.slice(cut + 1)] as const;
});

Deno.test("[F-4.8] every known trap of the venue has a test, or a reason why it cannot catch us", () => {
  assert.deepEqual(TRAPS.map(([number]) => number), Array.from({ length: 76 }, (_, index) => index + 1));
  const titles = filesUnder("tests", "_test.ts").flatMap((path) =>
    [...source(path).text.matchAll(/Deno\.test\(\s*(["`])(.*?)\1,/gs)].map((match) => match[2] ?? "")
  );
  const missing = TRAPS.filter(([, proof]) =>
    !/^not applicable because .{20,}/.test(proof) && !titles.some((title) => title.includes(proof))
  );
  assert.deepEqual(missing, []);
});
