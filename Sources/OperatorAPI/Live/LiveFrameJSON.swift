import HTTPFront
import NIOCore
import SaleCore
import SaleService

/// A frame as `GET /admin/v1/live` sends it.
struct LiveFrameJSON: Encodable {
    private struct Node: Encodable {
        private enum CodingKeys: String, CodingKey {
            case id, name, ready, draining, queue, admitted, connections, streams, cpu
            case loopLag = "loop_lag_ms"
            case queueAge = "queue_age_ms"
            case residentBytes = "rss_bytes"
        }

        let node: PacedNode

        func encode(to encoder: any Encoder) throws {
            let operatorNode = OperatorNode(node.heartbeat)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(operatorNode.id, forKey: .id)
            try container.encode(operatorNode.name, forKey: .name)
            try container.encode(operatorNode.ready, forKey: .ready)
            try container.encode(operatorNode.draining, forKey: .draining)
            try container.encode(operatorNode.queue, forKey: .queue)
            try container.encode(operatorNode.admitted, forKey: .admitted)
            try container.encode(operatorNode.connections, forKey: .connections)
            try container.encode(Int(node.heartbeat.figures["seckill_streams_open"] ?? 0), forKey: .streams)
            try container.encode(operatorNode.residentBytes, forKey: .residentBytes)
            try container.encode((node.heartbeat.figures["seckill_queue_age_seconds"] ?? 0) * 1_000, forKey: .queueAge)
            // `null` until the node was heard of twice.
            try container.encode(node.loopLagSeconds.map { min($0 * 1_000, Self.loopLagMaxMilliseconds) }, forKey: .loopLag)
            try container.encode(node.cores.map { ($0 * 1_000).rounded() / 1_000 }, forKey: .cpu)
        }

        /// JSON knows no infinity.
        private static let loopLagMaxMilliseconds = (DurationBuckets.seconds.last ?? 0) * 1_000
    }

    private struct Totals: Encodable {
        private enum CodingKeys: String, CodingKey {
            case outcomes, shed
            case durationBuckets = "duration_buckets"
            case commitDurationBuckets = "commit_duration_buckets"
            case bucketSeconds = "bucket_seconds"
        }

        let outcomes: [String: Int64]
        let durationBuckets: [String: [Int64]]
        let commitDurationBuckets: [Int64]
        let shed: [String: Int64]
        /// The upper bound of each bucket.
        let bucketSeconds = DurationBuckets.seconds

        init(_ figures: FleetFigures) {
            func counts(_ family: String, _ label: String) -> [String: Int64] {
                figures.counts(of: family, by: label).mapValues { Int64($0) }
            }
            outcomes = Self.noOutcomes.merging(counts("seckill_purchases_total", "outcome")) { $1 }
            durationBuckets = figures.buckets(of: "seckill_purchase_duration_seconds", by: "outcome", bounds: DurationBuckets.seconds)
            commitDurationBuckets =
                figures.buckets(of: "seckill_commit_duration_seconds", by: nil, bounds: DurationBuckets.seconds)[""]
                ?? DurationBuckets.seconds.map { _ in 0 }
            shed = counts("seckill_requests_shed_total", "reason")
        }

        /// What a purchase comes to: heartbeats leave out what never was.
        private static let noOutcomes: [String: Int64] = Dictionary(
            uniqueKeysWithValues: (["committed", "reserved", "replayed"]
                + [
                    ProblemCode.soldOut, .limitReached, .notStarted, .paused, .closed, .rateLimited, .overloaded, .recovering, .draining,
                    .idempotencyInProgress,
                ].map(\.rawValue)).map { ($0, 0) })
    }

    private struct Sale: Encodable {
        private enum CodingKeys: String, CodingKey {
            case sale, state, status, version, epoch, fence, items
            case obeyedBy = "obeyed_by"
            case itemsLeftOut = "items_left_out"
        }

        let sale: String
        let state: String
        let status: String
        let version: Int64
        let epoch: Int64
        let fence: String
        let obeyedBy: Int
        let items: [Item]
        let itemsLeftOut: Int?

        init(_ sale: FleetFrame.Sale) {
            self.sale = sale.id.rawValue
            state = sale.phase.rawValue
            status = sale.status.rawValue
            version = sale.version
            epoch = sale.epoch.number
            fence = sale.isProven ? "proven" : "unproven"
            obeyedBy = sale.obeyedBy
            items = sale.items.map(Item.init)
            itemsLeftOut = sale.itemsLeftOut > 0 ? sale.itemsLeftOut : nil
        }
    }

    private struct Item: Encodable {
        private enum CodingKeys: String, CodingKey {
            case sku, loaded, available, committed, paid, returned
            case inFlight = "in_flight"
        }

        let item: FleetFrame.Item

        init(_ item: FleetFrame.Item) {
            self.item = item
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(item.sku.rawValue, forKey: .sku)
            try container.encode(item.loaded, forKey: .loaded)
            try container.encode(item.committed, forKey: .committed)
            // `null` for what is not known.
            try container.encode(item.available, forKey: .available)
            try container.encode(item.inFlight, forKey: .inFlight)
            try container.encode(item.ended?.paid, forKey: .paid)
            try container.encode(item.ended?.returned, forKey: .returned)
        }
    }

    private enum CodingKeys: String, CodingKey {
        case at, nodes, totals, sales
        case unitsAge = "units_age_ms"
        case paidAge = "paid_age_ms"
    }

    private let at: String
    private let nodes: [Node]
    private let totals: Totals
    private let sales: [Sale]
    private let unitsAge: Int64?
    private let paidAge: Int64?

    private init(_ frame: FleetFrame) {
        at = "\(frame.at)"
        nodes = frame.nodes.map(Node.init)
        totals = Totals(frame.totals)
        sales = frame.sales.map(Sale.init)
        unitsAge = frame.unitsAgeMilliseconds
        paidAge = frame.paidAgeMilliseconds
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(at, forKey: .at)
        try container.encode(nodes, forKey: .nodes)
        try container.encode(totals, forKey: .totals)
        try container.encode(sales, forKey: .sales)
        // `null` until Postgres has answered.
        try container.encode(unitsAge, forKey: .unitsAge)
        try container.encode(paidAge, forKey: .paidAge)
    }

    /// One event of a `text/event-stream`.
    static func event(_ frame: FleetFrame) throws -> ByteBuffer {
        var json = try ByteBuffer.json(LiveFrameJSON(frame))
        var event = ByteBuffer()
        event.reserveCapacity(json.readableBytes + 8)
        event.writeStaticString("data: ")
        event.writeBuffer(&json)
        event.writeStaticString("\n\n")
        return event
    }
}
