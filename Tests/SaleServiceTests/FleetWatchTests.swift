import Logging
import SaleCore
import Synchronization
import Testing

@testable import SaleService
@testable import Simulation

@Suite struct FleetWatchTests {
    private static let sale = SaleID("demo")!
    private static let phone = SKU("phone-x")!

    private final class Stores: NodeDirectory, ItemCounting {
        struct Away: Error {}
        struct State {
            var nodes: [NodeHeartbeat] = []
            var units: [ItemName: ItemUnits] = [:]
            var paid: [ItemName: Int64] = [:]
            var isAway = false
            var paidCounts = 0
        }

        let state = Mutex(State())
        /// How long it takes to count what is paid.
        let onPaidCount: @Sendable () -> Void

        init(onPaidCount: @escaping @Sendable () -> Void = {}) {
            self.onPaidCount = onPaidCount
        }

        func beat(_ heartbeat: NodeHeartbeat) async throws(StoreError) -> NodeWish? { nil }
        func silences() async throws(StoreError) -> [String: Duration] { [:] }
        func wish(_ wish: NodeWish, of node: String) async throws(StoreError) -> Bool { true }
        func leave(_ node: String) async throws(StoreError) {}

        func nodes() async throws(StoreError) -> [NodeHeartbeat] {
            let (nodes, isAway) = state.withLock { ($0.nodes, $0.isAway) }
            if isAway { throw .notSent(reason: "away") }
            return nodes
        }

        func units(of items: [ItemName]) async throws(JournalError) -> [ItemName: ItemUnits] {
            let (units, isAway) = state.withLock { ($0.units, $0.isAway) }
            if isAway { throw .unavailable(reason: "away") }
            return units
        }

        func paidUnits(of sales: [SaleID]) async throws(JournalError) -> [ItemName: Int64] {
            onPaidCount()
            let (paid, isAway) = state.withLock { state in
                state.paidCounts += 1
                return (state.paid, state.isAway)
            }
            if isAway { throw .unavailable(reason: "away") }
            return paid
        }
    }

    private final class Clock: Sendable {
        private let milliseconds = Mutex<UInt64>(1_000_000)
        func pass(milliseconds more: UInt64) { milliseconds.withLock { $0 += more } }
        var now: MonotonicInstant { MonotonicInstant(nanoseconds: milliseconds.withLock { $0 } * 1_000_000) }

        var runtime: Runtime { Runtime(now: { self.now }, sleep: { self.pass(milliseconds: $0.nanoseconds / 1_000_000) }, random: { 0 }) }
    }

    private let clock = Clock()

    private func node(_ id: String, seenAt: Int64, _ figures: [String: Double] = [:], revision: Int64 = 2) -> NodeHeartbeat {
        NodeHeartbeat(
            id: id, version: "1", startedAt: Timestamp(milliseconds: 0), address: "", adminAddress: "", isDraining: false, checks: ["redis": ""],
            revisions: [Self.sale: revision], figures: figures, seenAt: Timestamp(milliseconds: seenAt))
    }

    private func snapshot(_ id: SaleID, items count: Int = 1, closesIn: Int64 = 1_000_000, opensAt: Int64 = 0) -> SaleSnapshot {
        let items = (0..<count).map { index in
            SaleItem(
                sku: count == 1 ? Self.phone : SKU("i-\(10_000 + index)")!, title: "", unitPrice: 1, currency: Currency("CNY")!, loaded: 10,
                committed: 1, limitPerUser: 1, version: 1)
        }
        let now = StockClock(offsetMilliseconds: 0).time(at: clock.now)
        let sale = Sale(
            id: id, title: "", status: .open, opensAt: Timestamp(milliseconds: opensAt), closesAt: now.advanced(milliseconds: closesIn),
            payWithinMilliseconds: 1, version: 1, epoch: 3, provenRun: "run", items: items)
        let stock = [Self.phone: StockReading.Item(available: 6, loaded: 10, stockVersion: 1)]
        return SaleSnapshot(sale: sale, stock: stock, isProven: true)
    }

    private func catalog(_ sales: [SaleSnapshot]) -> CatalogStore {
        let catalog = CatalogStore()
        catalog.publish(
            CatalogSnapshot(
                sales: Dictionary(uniqueKeysWithValues: sales.map { ($0.id, $0) }), unproven: [], clock: StockClock(offsetMilliseconds: 0)))
        return catalog
    }

    private let name = ItemName(sale: sale, sku: phone)

    @Test func aFrameHasTheUnitsOfBothStoresAndWhoObeys() async throws {
        let stores = Stores()
        stores.state.withLock {
            $0.nodes = [node("a", seenAt: 1_000, ["x": 5]), node("b", seenAt: 1_000, ["x": 2], revision: 1)]
            $0.units = [name: ItemUnits(loaded: 10, committed: 3)]
            $0.paid = [name: 2]
        }
        var look = FleetLook(directory: stores, catalog: catalog([snapshot(Self.sale)]), ledger: stores, runtime: clock.runtime)
        let frame = try #require(await look.frame())
        #expect(frame.nodes.map(\.heartbeat.id) == ["a", "b"] && frame.totals.sum(of: "x") == 7)
        let sale = try #require(frame.sales.first)
        #expect(sale.obeyedBy == 1 && sale.phase == .open && sale.epoch == 3 && sale.isProven && sale.itemsLeftOut == 0)
        #expect(sale.items == [FleetFrame.Item(sku: Self.phone, loaded: 10, committed: 3, available: 6, paid: 2)])
        #expect(sale.items.first?.inFlight == 1)
    }

    @Test func nothingIsShownBeforeTheCatalogWasRead() async {
        let stores = Stores()
        var look = FleetLook(directory: stores, catalog: CatalogStore(), ledger: stores, runtime: clock.runtime)
        #expect(await look.frame() == nil)
    }

    @Test func whatAStoreDoesNotSayStaysAsItWas() async throws {
        let stores = Stores()
        stores.state.withLock {
            $0.nodes = [node("a", seenAt: 1_000, ["x": 5])]
            $0.units = [name: ItemUnits(loaded: 10, committed: 3)]
            $0.paid = [name: 2]
        }
        var look = FleetLook(directory: stores, catalog: catalog([snapshot(Self.sale)]), ledger: stores, runtime: clock.runtime)
        let before = try #require(await look.frame())
        stores.state.withLock { $0.isAway = true }
        clock.pass(milliseconds: 1_000)
        let frame = try #require(await look.frame())
        #expect(frame.nodes.isEmpty && frame.totals == before.totals && frame.sales.first?.items == before.sales.first?.items)
        #expect(frame.sales.first?.obeyedBy == 0)
    }

    /// It reads every order: a twentieth of a session's time at most.
    @Test func whatIsPaidIsCountedMoreSeldomTheLongerItTakes() async throws {
        let stores = Stores(onPaidCount: { [clock] in clock.pass(milliseconds: 500) })
        var look = FleetLook(directory: stores, catalog: catalog([snapshot(Self.sale)]), ledger: stores, runtime: clock.runtime)
        for _ in 0..<20 {
            _ = await look.frame()
            clock.pass(milliseconds: 1_000)
        }
        #expect(stores.state.withLock { $0.paidCounts } == 2)
    }

    @Test func aPaceIsThatBetweenTwoHeartbeatsWhichAreNotTooClose() {
        let lag = #"seckill_event_loop_lag_seconds_bucket{le="0.005"}"#
        var pace = FleetPace()
        #expect(pace.pace(of: [node("a", seenAt: 1_000, ["process_cpu_seconds_total": 5, lag: 10])]).first?.cores == nil)
        let second = pace.pace(of: [node("a", seenAt: 2_000, ["process_cpu_seconds_total": 5.5, lag: 20])])
        #expect(second.first?.cores == 0.5 && second.first?.loopLagSeconds == 0.005)
        let sameAgain = pace.pace(of: [node("a", seenAt: 2_100, ["process_cpu_seconds_total": 5.6, lag: 21])])
        #expect(sameAgain.first?.cores == 0.5)
        let third = pace.pace(of: [node("a", seenAt: 4_000, ["process_cpu_seconds_total": 7.5, lag: 21])])
        #expect(third.first?.cores == 1 && third.first?.loopLagSeconds == 0.005)
        #expect(pace.pace(of: []).isEmpty)
        #expect(pace.pace(of: [node("a", seenAt: 5_000)]).first?.cores == nil)
    }

    @Test func whereThereAreTooManyItemsThoseOnSaleComeFirst() async throws {
        let stores = Stores()
        let over = snapshot(SaleID("a-over")!, items: 10, closesIn: -1_000)
        let large = snapshot(SaleID("b-large")!, items: Limits.liveItemsMax, opensAt: 1)
        let first = snapshot(SaleID("c-first")!)
        let forgotten = snapshot(SaleID("d-long-ago")!, closesIn: -200_000_000)
        var look = FleetLook(
            directory: stores, catalog: catalog([over, large, first, forgotten]), ledger: stores, runtime: clock.runtime)
        let frame = try #require(await look.frame())
        #expect(frame.sales.map(\.id.rawValue) == ["a-over", "b-large", "c-first"])
        #expect(frame.sales.map(\.items.count) == [0, Limits.liveItemsMax - 1, 1])
        #expect(frame.sales.map(\.itemsLeftOut) == [10, 1, 0])
    }

    private final class Frames: Sendable {
        private let state = Mutex((times: [MonotonicInstant](), questions: 0))

        /// The first of them alone.
        func areWanted(_ countMax: Int) -> Bool {
            state.withLock { state in
                state.questions += 1
                return state.questions <= countMax
            }
        }

        func note(_ time: MonotonicInstant) { state.withLock { $0.times.append(time) } }

        var times: [MonotonicInstant] { state.withLock { $0.times } }
        var questions: Int { state.withLock { $0.questions } }
    }

    @Test func framesAreMadeOnceASecondWhileTheyAreWanted() async throws {
        let (stores, frames, clock) = (Stores(), Frames(), clock)
        let (enough, isEnough) = AsyncStream.makeStream(of: Void.self)
        let runtime = Runtime(
            now: { clock.now },
            sleep: { duration in
                clock.pass(milliseconds: duration.nanoseconds / 1_000_000)
                guard frames.questions >= 50 else { return }
                isEnough.finish()
                try await Task.sleep(for: .seconds(60))
            }, random: { 0 })
        let watch = FleetWatch(
            directory: stores, catalog: catalog([snapshot(Self.sale)]), ledger: stores, runtime: runtime,
            isWanted: { frames.areWanted(30) }, publish: { _ in frames.note(clock.now) }, onEnd: { frames.note(.earliest) })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await watch.run() }
            for await _ in enough {}
            tasks.cancelAll()
            try await tasks.waitForAll()
        }
        let times = frames.times
        #expect(times.count == 4 && times.last == .earliest)
        #expect(times[0].duration(to: times[1]) == 1_000_000_000 && times[1].duration(to: times[2]) == 1_000_000_000)
    }
}
