import SaleCore
import Testing

@testable import SaleService
@testable import Simulation

/// Units that move in Postgres alone reach Redis, each once.
@Suite struct StockMoverTests {
    private let bed: TestBed
    private let catalog = CatalogStore()

    init() throws {
        bed = TestBed()
        try bed.openSale()
        bed.publish(to: catalog)
    }

    private func move() throws {
        let mover = StockMover(life: bed.ledger, redis: bed.stock, catalog: catalog, bed.context)
        try bed.result { await mover.move() }
    }

    /// Sold, settled, and cancelled by its buyer.
    private func cancelled(_ number: UInt64) -> Reservation {
        let order = bed.grant(number)
        bed.commit(order)
        bed.redis.sales[TestBed.sale]?.settle(committed: [order.order])
        _ = bed.postgres.books.cancel(order.order, by: order.user)
        return order
    }

    @Test func `the unit of a cancelled order is on sale again, and its buyer may buy`() throws {
        _ = cancelled(1)
        #expect(bed.available == 9)
        try move()
        #expect(bed.available == 10 && bed.saleInRedis.buyers.isEmpty && bed.postgres.books.moves.isEmpty)
    }

    @Test func `a move that is told twice counts once`() throws {
        _ = cancelled(1)
        let moves = bed.postgres.books.moves
        try move()
        _ = bed.redis.move(moves, of: TestBed.sale, epoch: 1)
        #expect(bed.available == 10)
    }

    @Test func `the moves of a sale that is not proven wait`() throws {
        _ = cancelled(1)
        bed.publish(to: catalog, unproven: [TestBed.sale])
        try move()
        #expect(bed.available == 9 && bed.postgres.books.moves.count == 1)
        bed.publish(to: catalog)
        try move()
        #expect(bed.available == 10)
    }

    @Test func `without Redis, Postgres forgets none`() throws {
        _ = cancelled(1)
        bed.redis.stop()
        try move()
        #expect(bed.postgres.books.moves.count == 1)
        bed.redis.start()
        try move()
        #expect(bed.available == 10 && bed.postgres.books.moves.isEmpty)
    }

    @Test func `before there is a catalog, nothing is told`() throws {
        _ = cancelled(1)
        let mover = StockMover(life: bed.ledger, redis: bed.stock, catalog: CatalogStore(), bed.context)
        try bed.result { await mover.move() }
        #expect(bed.postgres.books.moves.count == 1)
    }

    @Test func `an order of an epoch that is over is charged to the present one`() throws {
        let order = bed.grant(1)
        bed.redis.sales = [:]
        try bed.repair()
        #expect(bed.available == 10)
        bed.commit(order)
        bed.publish(to: catalog)
        try move()
        #expect(bed.available == 9 && bed.saleInRedis.held([order.order]).count == 1)
    }
}
