/// Every bound of the service. Units stand in the names, reasons beside the numbers.
package enum Limits {
    // MARK: Requests

    /// A purchase is about 40 bytes; a payment event about 250.
    package static let bodyBytesMax = 8_192
    /// What the narrowest proxy in front (Varnish) passes on.
    package static let headerBytesMax = 8_192
    package static let headerCountMax = 64
    /// A JWT must leave room for the other headers.
    package static let tokenBytesMax = 7_168
    /// No honest basket is larger, and sums stay far from overflow.
    package static let quantityMax = 1_000
    package static let ordersPageDefault = 20
    package static let ordersPageMax = 100
    package static let salesPageDefault = 100
    package static let salesPageMax = 100
    /// Seconds that `Prefer: wait` may ask for: below what proxies cut off (30 s).
    package static let waitSecondsMax = 25

    /// 400 bytes per item of the largest sale, as for a sale's file.
    package static let operatorBodyBytesMax = 4 << 20
    /// Addresses whose wrong tokens of operators are counted singly.
    package static let failedTokenAddressesMax = 4_096
    /// How long one reading goes on over events that were not asked for.
    package static let eventSearchNanoseconds: UInt64 = 2_000_000_000
    /// How long a reader of the feed may wait for the next event: less than a proxy's patience.
    package static let eventsWaitSecondsMax = 25
    /// How long an operator's answer waits for the nodes to obey.
    package static let obedienceWait = Duration.seconds(5)

    /// What proxies name a request by: a UUID takes 36.
    package static let requestIDBytesMax = 64
    /// Two addresses of a kind take 52 bytes at most; the rest is for what some balancers add.
    package static let proxyHeaderBytesMax = 536

    // MARK: Connections

    package static let connectionsMax = 20_000
    /// The default: longer than HAProxy's and nginx's keep-alive, so that they close first.
    package static let idleTimeoutSeconds = 75
    /// The same when more than three quarters of `connectionsMax` are open: a flood of idle
    /// connections must not keep buyers out.
    package static let idleTimeoutCrowdedSeconds = 5
    /// From a connection's first byte of a request to its last; a slower sender is cut off.
    package static let requestReadSeconds = 10
    /// From a request's first byte to its answer's last: to read it, the longest wait, and a
    /// margin.
    package static let requestTotalSeconds = 40
    /// A client that takes nothing of its answers for so long is cut off.
    package static let responseWriteSeconds = 10
    /// After the last answer of a connection, the rest of what the client sends is read and thrown
    /// away for so long and so much: closing at once would reset the connection, and the client
    /// could lose the answer.
    package static let lingerSeconds = 2
    package static let lingerBytesMax = 1 << 20
    /// Parts of pipelined requests (head, piece of a body, end) that wait for their turn on one
    /// connection; what a client sends beyond is not answered.
    package static let pipelinedPartsMax = 4_096
    package static let backlog = 4_096
    /// Descriptors that are not connections of buyers: stores, admin port, logs, and what the
    /// runtime opens.
    package static let descriptorsReserved = 128

    // MARK: Live streams

    /// The default, of one node: each is a connection, and a write for each change.
    package static let streamsMax = 2_000
    /// What a setting may ask for: the other connections are for buyers.
    package static let streamsSettableMax = connectionsMax / 2
    /// Of one address: a browser opens six connections to one origin.
    package static let streamsPerAddressMax = 10
    /// Items that a stream may be narrowed to: what it tells is written for it alone.
    package static let streamItemsMax = 64
    /// Shorter than the shortest patience of a usual proxy (30 s) by half.
    package static let streamSilenceSeconds = 15
    /// A thousand items; what a client leaves there is the kernel's memory.
    package static let streamSendBufferBytes: Int32 = 65_536
    /// Each event is a write to each stream, on the cores that sell: 3,300 writes a second, and a
    /// change of units is told within a second nevertheless.
    package static let streamPaceMicrosecondsEach: UInt64 = 300
    package static let streamPaceMillisecondsMax: UInt64 = 600
    /// How long a browser waits before it comes back by itself: fixed, all would come together.
    package static let streamRetryMilliseconds = 1_500...4_500
    /// Over how long those come back whom a drain has sent away: 250 a second at most.
    package static let streamReturnSpreadMilliseconds = 4_000
    package static let streamReturnSpreadMillisecondsEach = 4
    /// Seconds for whoever found no place.
    package static let streamRetryAfterSeconds = 5...30

    // MARK: The log

    /// An answer that took longer is worth a line.
    package static let accessLogLateNanoseconds: UInt64 = 1_000_000_000
    /// Answers 5xx, and late ones, that get a line in a second: an outage shows in the first, and a
    /// node that refuses everybody must not spend itself on saying so.
    package static let accessLogErrorsPerSecondMax = 100
    /// Ids in a line: 2 kB, which any collector takes.
    package static let logOrdersPerLineMax = 50
    /// A sale's name and an order's id fit by far.
    package static let accessLogPathCharactersMax = 256
    /// Lines that wait for whoever reads the log: a few hundred bytes each. What comes beyond is
    /// dropped, and counted.
    package static let logLinesWaitingMax = 4_096
    /// Kinds of lines whose repetitions are counted rather than told; a kind names its sale.
    package static let logRepeatedLinesMax = 1_024
    /// How long a process that ends waits until its log is written.
    package static let logFlushSeconds = 1

    // MARK: Overload

    /// Requests at once that read the catalog or the pages of the problems; they are answered from
    /// memory.
    package static let browsingRequestsMax = 64
    /// Requests at once that read or change orders; each holds or awaits a session of Postgres.
    package static let orderRequestsMax = 128
    /// Payment events at once: a payment must not wait behind those who look at their orders.
    package static let paymentRequestsMax = 64
    /// Requests at once that wait for an order to be decided (`Prefer: wait`); each looks at it
    /// once a second. Further ones are answered at once.
    package static let orderWaitsMax = 512
    /// The first look again, and the longest time between two.
    package static let orderWaitFirstLook = Duration.milliseconds(50)
    package static let orderWaitLookInterval = Duration.seconds(1)
    /// An event loop that runs its tasks so late refuses new purchases before their body is read.
    package static let loopLagMaxMilliseconds: UInt64 = 250
    /// Browsing goes first.
    package static let loopLagBrowsingMaxMilliseconds: UInt64 = 125

    // MARK: Purchases

    /// Requests in one script call: 1 ms of Redis at most.
    package static let batchRequestsMax = 256
    /// Script calls of one event loop that await their answer.
    package static let callsInFlightMax = 512
    /// A script call without an answer for so long has an unknown outcome.
    package static let redisReplySeconds = 2
    /// Judged orders that a lane keeps for its next script call: those of one command, and 16 kB.
    package static let settledOrdersKeptMax = 1_000
    /// How long they are kept at the longest, when no call comes: a hundredth of the age at which a
    /// sweep looks at them.
    package static let settlementDelay = Duration.milliseconds(50)
    /// Orders in one transaction; beyond it, one more row costs as much as in the next.
    package static let commitOrdersMax = 1_000
    /// Token-bucket entries per kind: 16 bytes each.
    package static let bucketEntriesMax = 1 << 20
    package static let verifiedTokensMax = 100_000

    /// Reservation logs in which an order whose id hints at no sale is looked for one by one.
    package static let orderLookUpsMax = 3
    /// More of them are searched so seldom: only orders of an older version that are not in
    /// Postgres yet need it, and anybody can ask for them.
    package static let wideSearchInterval = Duration.seconds(10)

    // MARK: Looks at the stores

    /// Between a node's looks at the longest: sold-out flags, units that come back and changes by
    /// operators reach every node within a second.
    package static let lookInterval = Duration.milliseconds(400)
    /// By how much a wait for the next look may be shorter, so that the looks of many nodes spread.
    package static let lookJitter = Duration.milliseconds(100)
    /// How long a look waits for Postgres before it goes on with what Postgres said before.
    package static let ledgerPatience = Duration.milliseconds(250)
    /// What a look takes beside its wait for Postgres: Redis's answers, and the way to the lanes.
    package static let lookDuration = Duration.milliseconds(400)
    /// What a look reads although nothing of ours changed it, so that what a hand changed in Redis
    /// is found: a thousand sales in two minutes, at twenty commands a look.
    package static let lookSalesInTurnMax = 4
    package static let lookItemsInTurnMax = 64
    /// Between readings of all sales from Postgres: what a hand changed there, past our triggers,
    /// is found.
    package static let wholeReadingInterval = Duration.seconds(60)
    /// How long a rebuild waits for every node to notice that the epoch it sells under is over. The
    /// relation that makes it long enough is held by `LimitsTests`.
    package static let noticePause = Duration.milliseconds(1_300)

    /// Between counts of the units of open sales: they are for alerts, and read every item.
    package static let stockWatchInterval = Duration.seconds(5)
    /// Sales that are counted so: each has four series of figures.
    package static let stockWatchSalesMax = 25

    // MARK: Catalog

    /// Items of all sales together that are neither closed nor over: ten of the largest sales. A
    /// node that has just started, and one whose Redis has, reads them all.
    package static let openItemsMax = 100_000

    // MARK: Postgres

    /// Batches of orders that a node commits at once, each on a session of its own: one writes its
    /// rows while the other is flushed.
    package static let writersMax = 2
    /// Sessions of one node, at most: the writers', one of recovery, one that waits for a
    /// synchronous standby, and those that everything else shares. Postgres admits 100 by default,
    /// of all its clients together.
    package static let postgresSessionsMax = 7
    package static let postgresSessionsShared = postgresSessionsMax - writersMax - 2
    /// A batch that Postgres has not judged for so long means that nothing is confirmed: the node
    /// is not ready.
    package static let commitAgeReadyMaxMilliseconds: UInt64 = 2_000

    // MARK: Recovery

    /// Between a node's sweeps of the reservation logs, of orders that were not paid in time, and
    /// of purchases without an outcome that Postgres did not take.
    package static let leftoverInterval = Duration.seconds(1)
    package static let expiryInterval = Duration.seconds(1)
    package static let unknownOrdersInterval = Duration.seconds(1)
    /// Between a node's questions whether Postgres takes writes, and has a successor.
    package static let ledgerWatchInterval = Duration.milliseconds(500)
    /// Between a node's turns at telling Redis of units that moved in Postgres alone.
    package static let moveInterval = Duration.milliseconds(200)
    /// An entry of the reservation log that is older than this is no longer only its own node's
    /// business.
    package static let leftoverAgeMilliseconds: Int64 = 5_000
    package static let leftoversPerSweepMax = 1_000
    /// Sales that one node repairs or has locked for it: few enough that operators, who want the
    /// same locks, wait a few seconds at most; many enough that 300 sales need three moments of
    /// notice (`SaleRebuild`).
    package static let repairsUnderWayMax = 128
    /// Those of them that ask Redis or Postgres for something at the same time.
    package static let repairsAtOnceMax = 4
    /// Purchases without an outcome that wait for Postgres: what the loops' calls in flight can be,
    /// twice.
    package static let unknownOrdersMax = 262_144
    /// Calls at once that record purchases without an outcome while their buyers wait; the others
    /// are recorded a moment later, and their buyers hear so.
    package static let abandonCallsMax = 4
    /// Repetitions at once that carry their order from the log to Postgres; the others hear that it
    /// is under way.
    package static let carryOversMax = 32
    /// Errands of the purchase lanes at once; those that look up an answer wait for sessions of
    /// Postgres. As many as purchases are admitted, unless set otherwise.
    package static let laneErrandsMax = 65_536
    /// Orders that Redis keeps through a rebuild although Postgres has lost them: five words each
    /// in one call, of which Redis takes a million. So many are no tail that a failover lost, but
    /// another database.
    package static let unrecordedOrdersMax = 100_000
    /// Orders that end in one transaction: its locks are held for some milliseconds.
    package static let expiriesPerSweepMax = 500
    /// Stock moves in one script call: 2 ms of Redis at most.
    package static let movesPerCallMax = 500

    // MARK: Events out

    /// Events in one answer.
    package static let eventsPageMax = 1_000
    /// Between looks of whoever waits for the next event.
    package static let eventPollInterval = Duration.milliseconds(250)
    /// How long events are kept, at the least.
    package static let eventRetention = Duration.seconds(7 * 86_400)
    package static let eventPruneInterval = Duration.seconds(60)
    package static let eventsPrunedMax = 1_000
    /// What the receiver of a webhook may take to answer.
    package static let webhookAnswerSeconds = 15
    /// A node that has not said for so long that it serves an endpoint serves it no more.
    package static let webhookLease = Duration.seconds(10)
    /// Three chances to say so.
    package static let webhookClaimInterval = Duration.seconds(3)
    /// Events that a sender holds in memory: what may be sent twice when it dies is a part of them.
    package static let webhookWindow = 256
    /// Failures that are tried again in one turn.
    package static let webhookRetriesMax = 64
    /// A sender remembers so often what it has sent.
    package static let webhookTurn = Duration.seconds(1)
    /// A receiver that takes nothing is asked again after so long at the latest, unless it asks for
    /// more.
    package static let webhookPauseMax = Duration.seconds(60)
    package static let webhookRetryAfterMax = Duration.seconds(3_600)
    /// Delays of one event after which it is set aside, if the receiver takes others meanwhile.
    package static let webhookDelaysMax = 5
    /// Events that may overtake one that is delayed: the cursor stays before it, and who dies then
    /// sends all of them again.
    package static let webhookAheadMax = 1_024
    /// How often the lag is told while a receiver is left alone.
    package static let webhookSampleInterval = Duration.seconds(1)

    // MARK: Heartbeats

    package static let heartbeatInterval = Duration.seconds(1)
    /// How soon a node notices that it obeys something new, and says so.
    package static let heartbeatLook = Duration.milliseconds(200)
    /// A node that was not heard of for so long is gone.
    package static let nodeLifetimeMilliseconds = 5_000
    /// Sales that a heartbeat names: a hundred bytes each at the most.
    package static let heartbeatSalesMax = 1_000
    /// Between looks of an operator who waits until all nodes obey.
    package static let obedienceInterval = Duration.milliseconds(100)

    // MARK: The fleet, live

    package static let liveInterval = Duration.seconds(1)
    /// How soon a node notices that somebody wants frames, and that it drains.
    package static let liveLook = Duration.milliseconds(100)
    /// Streams of one node: people who watch, not buyers.
    package static let liveStreamsMax = 32
    /// When somebody who found no place should come again: spread, lest all come at once.
    package static let liveRetryAfterSeconds = 5...30
    /// Frames that are made after the last listener has gone, so that a page which is loaded again
    /// finds no gap.
    package static let liveLinger = Duration.seconds(60)
    /// Frames that are kept: ten minutes, and no more bytes than this.
    package static let liveHistoryMax = 600
    package static let liveHistoryAge = Duration.seconds(600)
    package static let liveHistoryBytesMax = 8 << 20
    /// Sales and items of one frame: 100 bytes each.
    package static let liveSalesMax = 100
    package static let liveItemsMax = 500
    /// Frames that wait for one listener; they hold counters, so that a missed one loses nothing.
    package static let liveFramesWaitingMax = 16
    /// One that has missed so many in a row is gone, or never reads.
    package static let liveMissedMax = 30
    /// How long a frame waits for what Postgres counts: a count takes a few milliseconds, and one
    /// that takes longer comes with a later frame.
    package static let liveCountPatience = Duration.milliseconds(200)
    /// The units of both stores are not compared when Postgres said what it holds so long ago.
    package static let liveCountAgeMax = Duration.seconds(3)
    /// Paid orders are counted after a rest of so many times what the count took: it reads every
    /// order.
    package static let livePaidCountRest: UInt64 = 20

    // MARK: Stopping

    /// Shorter than the 90 s after which systemd kills.
    package static let drainSeconds = 60

    // MARK: Operators

    /// Orders in one reading of an export: half a megabyte.
    package static let operatorPageMax = 1_000
    /// How long somebody who was taken off the operators' file may go on.
    package static let operatorsFileLook = Duration.seconds(2)
}
