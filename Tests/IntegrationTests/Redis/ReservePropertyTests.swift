import SaleCore
import SaleService
import Simulation
import Testing

@testable import RedisStock

/// The script against the simulation's idea of it, over large batches on the lane, with settlements
/// between them in the same pipeline.
@Suite(.timeLimit(.minutes(5))) struct ReservePropertyTests {
    private static let items: [SaleItem] = [
        .test("x", units: 30, limit: 1), .test("y", units: 60, limit: 3), .test("z", units: 0, limit: 2), .test("w", units: 500, limit: 7),
    ]

    @Test(arguments: [1, 2, 3, UInt64.random(in: .min ... .max)])
    func theScriptDecidesAsTheModelDoes(seed: UInt64) async throws {
        try await withTestSale(items: Self.items) { test async throws in
            var random = SimulationRandom(seed: seed)
            var model = RedisSale()
            _ = model.beginRebuild(epoch: test.sale.epoch)
            _ = model.endRebuild(of: test.sale)
            var sent: [[ReservationRequest]] = []
            for step in 0..<150 {
                try await Self.change(&test, &model, &random)
                let batch =
                    if let earlier = sent.randomElement(using: &random), Int.random(in: 0..<10, using: &random) == 0 {
                        earlier
                    } else {
                        Self.batch(sent, &random)
                    }
                sent.append(batch)
                let call = ReservationBatch(sale: test.id, epoch: test.sale.epoch, requests: batch)
                guard case .decided(_, let expected) = model.reserve(call, at: try await test.stock.now()) else {
                    Issue.record("seed \(seed), step \(step)")
                    return
                }
                let decided = try await test.verdicts(batch)
                try #require(decided == expected, "seed \(seed), step \(step)")
            }
            #expect(try await test.stock.read(test.id) == model.reading, "seed \(seed)")
            #expect(model.balances, "seed \(seed)")
            let log = try await test.stock.reservations(of: test.id, grantedBefore: try await test.stock.now(), countMax: .max)
            #expect(Set(log.map(\.order)) == Set(model.log.keys), "seed \(seed)")
        }
    }

    /// Half of them are usual ones: of one item and quantity, without keys.
    private static func batch(_ sent: [[ReservationRequest]], _ random: inout SimulationRandom) -> [ReservationRequest] {
        var batch = (0..<Int.random(in: 1...40, using: &random)).map { _ in request(sent, &random) }
        guard Bool.random(using: &random), let first = batch.first else { return batch }
        // An order that was sent before stays what it was.
        let earlier = Set(sent.joined().map(\.order))
        for index in batch.indices where !earlier.contains(batch[index].order) {
            batch[index].purchase.sku = first.sku
            batch[index].purchase.quantity = first.quantity
            batch[index].purchase.key = nil
        }
        let usual = batch.filter { $0.sku == first.sku && $0.quantity == first.quantity && $0.key == nil }
        return usual.isEmpty ? batch : usual
    }

    private static func request(_ sent: [[ReservationRequest]], _ random: inout SimulationRandom) -> ReservationRequest {
        if let earlier = sent.randomElement(using: &random)?.randomElement(using: &random), Int.random(in: 0..<20, using: &random) == 0 {
            return earlier
        }
        let user = UserID("u\(Int.random(in: 0..<60, using: &random))")!
        let sku = SKU(["x", "y", "z", "w", "unknown"].randomElement(using: &random)!)!
        let key = Int.random(in: 0..<3, using: &random) == 0 ? IdempotencyKey("k\(Int.random(in: 0..<4, using: &random))") : nil
        let order = OrderID(high: random.next(), low: random.next())
        return ReservationRequest(
            order: order, purchase: Purchase(user: user, sku: sku, quantity: Int.random(in: 1...4, using: &random), key: key))
    }

    /// Now and then something else happens between two batches.
    private static func change(_ test: inout TestSale, _ model: inout RedisSale, _ random: inout SimulationRandom) async throws {
        switch Int.random(in: 0..<12, using: &random) {
        case 0:
            test.sale.status = test.sale.status == .open ? .paused : .open
            test.sale.version += 1
            #expect(try await test.stock.sync(test.sale) == model.sync(test.sale))
        case 1:
            let index = Int.random(in: 0..<test.sale.items.count, using: &random)
            test.sale.items[index].loaded = max(0, test.sale.items[index].loaded + Int64.random(in: -5...15, using: &random))
            test.sale.items[index].version += 1
            #expect(try await test.stock.sync(test.sale) == model.sync(test.sale))
        case 2, 3:
            var settlement = Settlement(sale: test.id)
            for (order, reservation) in model.log.sorted(by: { $0.key < $1.key }) {
                switch Int.random(in: 0..<4, using: &random) {
                case 0: settlement.committed.append(order)
                case 1: settlement.released.append(.init(order: order, user: reservation.user, sku: reservation.sku))
                default: break
                }
            }
            model.settle(committed: settlement.committed)
            model.settle(released: settlement.released)
            // On the lane, as the service does: the next batch is behind it in the same pipeline.
            try await test.lane.settle(settlement)
        default: break
        }
    }
}

extension RedisSale {
    /// The rule that every script keeps: what is available and what buyers hold is what was loaded.
    fileprivate var balances: Bool {
        reading?.items.allSatisfy { sku, item in
            item.available + buyers.filter { $0.key.sku == sku }.values.joined().reduce(0) { $0 + Int64($1.quantity) } == item.loaded
        } ?? false
    }
}
