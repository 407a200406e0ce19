import SaleCore
import SaleService
import Simulation
import Testing

@testable import RedisStock

/// The Redis of the simulation answers as the real one does, over thousands of calls that a seed
/// makes.
@Suite(.timeLimit(.minutes(5))) struct RedisContractTests {
    @Test(arguments: [1, 2, 3, 4, 3_511_114_111_002_884_590, UInt64.random(in: .min ... .max)])
    func theSimulatedRedisAnswersAsTheRealOneDoes(seed: UInt64) async throws {
        try await withTestSale(items: [.test("x", units: 9, limit: 3), .test("y", units: 4, limit: 1)]) { test async throws in
            var run = Run(seed: seed, test)
            for step in 0..<300 {
                let (name, isSame) = try await run.step()
                try #require(isSame, "seed \(seed), step \(step): \(name)")
                let reading = try await test.stock.read(test.id)
                try #require(reading == run.model.reading, "seed \(seed), step \(step): the books after \(name)")
                let (recorded, expected) = try await run.recorded()
                try #require(recorded == expected, "seed \(seed), step \(step): the record of changes after \(name)")
            }
            let held = try await test.stock.heldOrders(of: test.id)
            #expect(held == run.model.heldOrders, "seed \(seed)")
            let log = try await test.stock.reservations(of: test.id, grantedBefore: Timestamp(milliseconds: .max), countMax: .max)
            #expect(Set(log.map(\.order)) == Set(run.model.log.keys), "seed \(seed)")
        }
    }

    /// One seed's calls, made to both.
    private struct Run {
        private let test: TestSale
        private var sale: Sale
        private var random: SimulationRandom
        private(set) var model = RedisSale()
        private var record = ChangeRecordModel("record")
        private var positions: (real: ChangePosition?, model: ChangePosition?)
        private var sent: [ReservationRequest] = []
        private var moves: [SKU: Int64] = [:]

        init(seed: UInt64, _ test: TestSale) {
            self.test = test
            sale = test.sale
            random = SimulationRandom(seed: seed)
            _ = model.beginRebuild(epoch: sale.epoch)
            _ = model.endRebuild(of: sale)
        }

        /// What both have on record since the last step. Other tests write the same record.
        mutating func recorded() async throws -> (real: Set<SKU>??, model: Set<SKU>??) {
            if let mark = model.takeMark() { record.add(mark, of: sale.id) }
            let real = try await test.stock.changes(since: positions.real)
            let expected = record.since(positions.model)
            defer { positions = (real.position, expected.position) }
            // The first reading tells what was before the first step, too.
            return positions.real == nil ? (nil, nil) : (real.items[sale.id], expected.items[sale.id])
        }

        /// - Returns: what was called, and whether both answered alike.
        mutating func step() async throws -> (String, Bool) {
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<10: ("reserve", try await reserve())
            case 10, 11: ("settle", try await settle())
            case 12, 13: ("move", try await move())
            case 14: ("sync", try await sync())
            case 15: ("hold", try await hold())
            case 16: ("begin rebuild", try await beginRebuild())
            case 17: ("rebuild", try await rebuild())
            default: ("end rebuild", try await endRebuild())
            }
        }

        private mutating func request() -> ReservationRequest {
            if random.happens(150), !sent.isEmpty { return random.pick(sent) }
            return .test(
                "u\(Int.random(in: 0..<6, using: &random))", Int.random(in: 1...2, using: &random), of: random.pick(["x", "x", "y", "unknown"]),
                key: random.happens(400) ? "k\(Int.random(in: 0..<3, using: &random))" : nil, id: OrderID(high: random.next(), low: random.next()))
        }

        private mutating func epoch() -> Epoch { random.happens(100) ? Epoch(sale.epoch.number + 1) : sale.epoch }

        private mutating func reserve() async throws -> Bool {
            var requests = (0..<Int.random(in: 1...4, using: &random)).map { _ in request() }
            if random.happens(300) {
                let first = requests[0]
                requests = requests.map {
                    .test($0.user.rawValue, first.quantity, of: first.sku.rawValue, id: OrderID(high: random.next(), low: random.next()))
                }
            }
            let batch = ReservationBatch(sale: sale.id, epoch: epoch(), requests: requests)
            sent += batch.requests
            let (real, simulated) = (try await test.lane.reserve(batch).get(), model.reserve(batch, at: try await test.stock.now()))
            switch (real, simulated) {
            case (.decided(_, let verdicts), .decided(_, let expected)): return verdicts == expected
            default: return real == simulated
            }
        }

        private mutating func settle() async throws -> Bool {
            let orders = sent.shuffled(using: &random).prefix(3)
            if random.happens(500) {
                model.settle(committed: orders.map(\.order))
                try await test.stock.settle(Settlement(sale: sale.id, committed: orders.map(\.order)))
            } else {
                let released = orders.map {
                    Settlement.Released(order: $0.order, user: $0.user, sku: $0.sku, freedKey: random.happens(300) ? $0.key : nil)
                }
                model.settle(released: released)
                try await test.stock.settle(Settlement(sale: sale.id, released: released))
            }
            return true
        }

        private mutating func move() async throws -> Bool {
            guard let order = sent.filter({ ["x", "y"].contains($0.sku.rawValue) }).randomElement(using: &random) else { return true }
            let next = (moves[order.sku] ?? 0) + 1
            let number = max(1, next + (random.happens(200) ? Int64.random(in: -2...1, using: &random) : 0))
            let kind = random.pick(StockMove.Kind.allCases)
            let move = StockMove(
                sale: sale.id, sku: order.sku, number: number, kind: kind, order: order.order, user: order.user, quantity: order.quantity,
                key: kind == .charge ? order.key : nil, epoch: sale.epoch)
            let epoch = epoch()
            let known = model.move([move], epoch: epoch)
            if known == [true] { moves[order.sku] = max(number, moves[order.sku] ?? 0) }
            return try await test.stock.move([move], of: sale.id, epoch: epoch) == (known == [true] ? [move] : [])
        }

        private mutating func sync() async throws -> Bool {
            let index = Int.random(in: 0..<sale.items.count, using: &random)
            if random.happens(500) {
                sale.items[index].loaded = max(0, sale.items[index].loaded + Int64.random(in: -2...4, using: &random))
                sale.items[index].version += 1
            } else if random.happens(500) {
                sale.status = sale.status == .open ? .paused : .open
                sale.version += 1
            }
            var told = sale
            if random.happens(100) { told.version -= 1 }
            return try await test.stock.sync(told) == model.sync(told)
        }

        private mutating func hold() async throws -> Bool {
            let (units, sku, epoch) = (Int64.random(in: 1...3, using: &random), random.pick(sale.items).sku, epoch())
            return try await test.stock.hold(units, of: sku, in: sale.id, epoch: epoch) == model.hold(units, of: sku, epoch: epoch)
        }

        private mutating func beginRebuild() async throws -> Bool {
            let epoch = Epoch(sale.epoch.number + Int64.random(in: -1...1, using: &random))
            let ids = Set(sent.shuffled(using: &random).prefix(8).map(\.order))
            let kept = model.held(ids)
            guard try await test.stock.heldOrders(ids, of: sale.id) == kept else { return false }
            let isBegun = model.beginRebuild(epoch: epoch, keeping: kept)
            if isBegun { sale.epoch = epoch }
            return try await isDone { () async throws(StoreError) in
                try await test.stock.beginRebuild(of: sale.id, epoch: epoch, keeping: kept)
            } == isBegun
        }

        private mutating func rebuild() async throws -> Bool {
            let entries = sent.shuffled(using: &random).prefix(4).map {
                RebuildEntry(order: $0.order, user: $0.user, sku: $0.sku, quantity: $0.quantity, key: $0.key, isLive: random.happens(600))
            }
            guard !entries.isEmpty else { return true }
            let epoch = epoch()
            let expected = model.rebuild(entries, epoch: epoch)
            return try await isDone { () async throws(StoreError) in try await test.stock.rebuild(entries, of: sale.id, epoch: epoch) } == expected
        }

        private mutating func endRebuild() async throws -> Bool {
            for index in sale.items.indices {
                sale.items[index].committed = Int64.random(in: 0...sale.items[index].loaded, using: &random)
                sale.items[index].lastMove = moves[sale.items[index].sku] ?? 0
            }
            return try await test.stock.endRebuild(of: sale) == model.endRebuild(of: sale)
        }

        private func isDone(_ call: () async throws(StoreError) -> Void) async throws -> Bool {
            do {
                try await call()
                return true
            } catch .refused {
                return false
            }
        }
    }
}

extension RedisSale {
    fileprivate var heldOrders: [SKU: Set<OrderID>] {
        buyers.reduce(into: [:]) { $0[$1.key.sku, default: []].formUnion($1.value.map(\.order)) }
    }
}
