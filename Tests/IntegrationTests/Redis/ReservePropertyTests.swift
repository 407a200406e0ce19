import SaleCore
import SaleService
import Testing

@testable import RedisStock

/// The script against a model of it, over thousands of purchases that a seed makes.
@Suite(.timeLimit(.minutes(5))) struct ReservePropertyTests {
    /// SplitMix64.
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private static let items: [SaleItem] = [
        .test("x", units: 30, limit: 1), .test("y", units: 60, limit: 3), .test("z", units: 0, limit: 2), .test("w", units: 500, limit: 7),
    ]

    @Test(arguments: [1, 2, 3, UInt64.random(in: .min ... .max)])
    func theScriptDecidesAsTheModelDoes(seed: UInt64) async throws {
        try await withTestSale(items: Self.items) { test async throws in
            var random = Seeded(state: seed)
            var model = ReserveModel(Self.items)
            var sent: [[ReservationRequest]] = []
            for step in 0..<150 {
                try await Self.change(&test, &model, &random)
                let batch =
                    if let earlier = sent.randomElement(using: &random), Int.random(in: 0..<10, using: &random) == 0 {
                        earlier
                    } else {
                        (0..<Int.random(in: 1...40, using: &random)).map { _ in Self.request(sent, &random) }
                    }
                sent.append(batch)
                let expected = batch.map { model.decide($0) }
                let decided = try await test.verdicts(batch)
                try #require(decided == expected, "seed \(seed), step \(step)")
            }
            let reading = try #require(try await test.stock.read(test.id))
            #expect(reading.items.mapValues(\.available) == model.available, "seed \(seed)")
            #expect(model.balances, "seed \(seed)")
            let log = try await test.stock.reservations(of: test.id, grantedBefore: try await test.stock.now(), countMax: .max)
            #expect(Set(log.map(\.order)) == Set(model.log.keys), "seed \(seed)")
        }
    }

    private static func request(_ sent: [[ReservationRequest]], _ random: inout Seeded) -> ReservationRequest {
        if let earlier = sent.randomElement(using: &random)?.randomElement(using: &random), Int.random(in: 0..<20, using: &random) == 0 {
            return earlier
        }
        let user = UserID("u\(Int.random(in: 0..<60, using: &random))")!
        let sku = SKU(["x", "y", "z", "w", "unknown"].randomElement(using: &random)!)!
        let key = Int.random(in: 0..<3, using: &random) == 0 ? IdempotencyKey("k\(Int.random(in: 0..<4, using: &random))") : nil
        let order = OrderID(high: random.next(), low: random.next())
        return ReservationRequest(order: order, user: user, sku: sku, quantity: Int.random(in: 1...4, using: &random), key: key)
    }

    /// Now and then something else happens between two batches.
    private static func change(_ test: inout TestSale, _ model: inout ReserveModel, _ random: inout Seeded) async throws {
        switch Int.random(in: 0..<12, using: &random) {
        case 0:
            test.sale.status = test.sale.status == .open ? .paused : .open
            test.sale.version += 1
            model.status = test.sale.status
            #expect(try await test.stock.sync(test.sale) == .done)
        case 1:
            let index = Int.random(in: 0..<test.sale.items.count, using: &random)
            test.sale.items[index].loaded = max(0, test.sale.items[index].loaded + Int64.random(in: -5...15, using: &random))
            test.sale.items[index].version += 1
            model.load(test.sale.items[index].loaded, of: test.sale.items[index].sku)
            #expect(try await test.stock.sync(test.sale) == .done)
        case 2, 3:
            var settlement = Settlement(sale: test.id)
            for (order, request) in model.log.sorted(by: { $0.key < $1.key }) {
                switch Int.random(in: 0..<4, using: &random) {
                case 0:
                    settlement.committed.append(order)
                    model.commit(order)
                case 1:
                    settlement.released.append(.init(order: order, user: request.user, sku: request.sku))
                    model.release(request)
                default: break
                }
            }
            // On the lane, as the service does: the next batch is behind it in the same pipeline.
            try await test.lane.settle(settlement)
        default: break
        }
    }
}
