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
            var ended: [ItemName: EndedUnits] = [:]
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

        func endedUnits(of sales: [SaleID]) async throws(JournalError) -> [ItemName: EndedUnits] {
            onPaidCount()
            let (ended, isAway) = state.withLock { state in
                state.paidCounts += 1
                return (state.ended, state.isAway)
            }
            if isAway { throw .unavailable(reason: "away") }
            return ended
        }
    }

    private final class Clock: Sendable {
        private let milliseconds = Mutex<UInt64>(1_000_000)
        func pass(milliseconds more: UInt64) { milliseconds.withLock { $0 += more } }
        var now: MonotonicInstant { MonotonicInstant(nanoseconds: milliseconds.withLock { $0 } * 1_000_000) }

        /// Whoever waits does so until what it waits for has come.
        var runtime: Runtime { Runtime(now: { self.now }, sleep: { _ in try await Task.sleep(for: .seconds(60)) }, random: { 0 }) }
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

    /// A frame, and the end of all that it began.
    private func frame(_ look: inout FleetLook) async -> FleetFrame? {
        await withDiscardingTaskGroup { tasks in await look.frame { count in tasks.addTask { await count() } } }
    }

    @Test func aFrameHasTheUnitsOfBothStoresAndWhoObeys() async throws {
        let stores = Stores()
        stores.state.withLock {
            $0.nodes = [node("a", seenAt: 1_000, ["x": 5]), node("b", seenAt: 1_000, ["x": 2], revision: 1)]
            $0.units = [name: ItemUnits(loaded: 10, committed: 3)]
            $0.ended = [name: EndedUnits(paid: 2, returned: 1)]
        }
        var look = FleetLook(directory: stores, catalog: catalog([snapshot(Self.sale)]), ledger: stores, runtime: clock.runtime)
        let frame = try #require(await frame(&look))
        #expect(frame.nodes.map(\.heartbeat.id) == ["a", "b"] && frame.totals.sum(of: "x") == 7)
        let sale = try #require(frame.sales.first)
        #expect(sale.obeyedBy == 1 && sale.phase == .open && sale.epoch == 3 && sale.isProven && sale.itemsLeftOut == 0)
        #expect(sale.items == [FleetFrame.Item(sku: Self.phone, loaded: 10, committed: 3, available: 6, ended: EndedUnits(paid: 2, returned: 1))])
        #expect(sale.items.first?.inFlight == 1)
        #expect(frame.unitsAgeMilliseconds == 0 && frame.paidAgeMilliseconds == 0)
    }

    @Test func nothingIsShownBeforeTheCatalogWasRead() async {
        let stores = Stores()
        var look = FleetLook(directory: stores, catalog: CatalogStore(), ledger: stores, runtime: clock.runtime)
        #expect(await frame(&look) == nil)
    }

    @Test func whatAStoreDoesNotSayStaysAsItWas() async throws {
        let stores = Stores()
        stores.state.withLock {
            $0.nodes = [node("a", seenAt: 1_000, ["x": 5])]
            $0.units = [name: ItemUnits(loaded: 10, committed: 3)]
            $0.ended = [name: EndedUnits(paid: 2, returned: 1)]
        }
        var look = FleetLook(directory: stores, catalog: catalog([snapshot(Self.sale)]), ledger: stores, runtime: clock.runtime)
        let before = try #require(await frame(&look))
        stores.state.withLock { $0.isAway = true }
        clock.pass(milliseconds: 1_000)
        let frame = try #require(await frame(&look))
        #expect(frame.nodes.isEmpty && frame.totals == before.totals && frame.sales.first?.items == before.sales.first?.items)
        #expect(frame.unitsAgeMilliseconds == 1_000 && frame.paidAgeMilliseconds == 1_000)
        #expect(frame.sales.first?.obeyedBy == 0)
    }

    /// It reads every order: a twentieth of a session's time at most.
    @Test func whatIsPaidIsCountedMoreSeldomTheLongerItTakes() async throws {
        let stores = Stores(onPaidCount: { [clock] in clock.pass(milliseconds: 500) })
        var look = FleetLook(directory: stores, catalog: catalog([snapshot(Self.sale)]), ledger: stores, runtime: clock.runtime)
        for _ in 0..<20 {
            _ = await frame(&look)
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
        let frame = try #require(await frame(&look))
        #expect(frame.sales.map(\.id.rawValue) == ["a-over", "b-large", "c-first"])
        #expect(frame.sales.map(\.items.count) == [0, Limits.liveItemsMax - 1, 1])
        #expect(frame.sales.map(\.itemsLeftOut) == [10, 1, 0])
    }

    private final class Frames: Sendable {
        private let state = Mutex((published: [(at: MonotonicInstant, frame: FleetFrame)](), hasEnded: false))

        func publish(_ frame: FleetFrame, at now: MonotonicInstant) { state.withLock { $0.published.append((now, frame)) } }
        func end() { state.withLock { $0.hasEnded = true } }

        /// In milliseconds after the first.
        var times: [UInt64] { state.withLock { state in state.published.map { state.published[0].at.duration(to: $0.at) / 1_000_000 } } }
        var frames: [FleetFrame] { state.withLock { $0.published.map(\.frame) } }
        var hasEnded: Bool { state.withLock { $0.hasEnded } }
    }

    /// Watches on virtual time, for as long.
    private func watch(_ bed: TestBed, _ ledger: any ItemCounting, seconds: Int, isWanted: @escaping @Sendable () -> Bool = { true }) -> Frames {
        let (frames, runtime) = (Frames(), bed.context.runtime)
        let watch = FleetWatch(
            directory: Stores(), catalog: catalog([snapshot(Self.sale)]), ledger: ledger, runtime: runtime, isWanted: isWanted,
            publish: { frames.publish($0, at: runtime.now()) }, onEnd: { frames.end() })
        bed.process.spawn {
            await withTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try? await watch.run() }
                tasks.addTask { try? await runtime.sleep(.seconds(seconds)) }
                await tasks.next()
                tasks.cancelAll()
            }
        }
        return frames
    }

    @Test func framesAreMadeOnceASecondWhileTheyAreWanted() {
        let (bed, isWanted) = (TestBed(), Flag(true))
        let frames = watch(bed, Stores(), seconds: 9) { isWanted.isSet }
        bed.pass(milliseconds: 2_500)
        #expect(frames.times == [0, 1_000, 2_000])
        isWanted.isSet = false
        bed.pass(milliseconds: 3_000)
        #expect(frames.times.count == 3 && !frames.hasEnded)
        isWanted.isSet = true
        bed.pass(milliseconds: 3_000)
        #expect(frames.times.count == 6)
        bed.pass(milliseconds: 3_000)
        #expect(frames.times.count == 7 && frames.hasEnded)
    }

    /// Postgres that answers at once, or after 20 seconds, whoever gives up meanwhile.
    private final class SlowLedger: ItemCounting {
        private struct State {
            var underWay = ["units": 0, "ended": 0]
            var mostUnderWay = 0
            /// Instants at which both counts were.
            var overlapCount = 0
            var committed: Int64 = 0
        }

        private let state = Mutex(State())
        private let process: SimulatedProcess
        let isSlow = Flag()

        init(process: SimulatedProcess) {
            self.process = process
        }

        var mostUnderWay: Int { state.withLock { $0.mostUnderWay } }
        var overlapCount: Int { state.withLock { $0.overlapCount } }

        private func answer(_ name: String) async -> Int64 {
            state.withLock { state in
                state.underWay[name, default: 0] += 1
                state.mostUnderWay = max(state.mostUnderWay, state.underWay.values.max() ?? 0)
                if state.underWay.values.allSatisfy({ $0 > 0 }) { state.overlapCount += 1 }
            }
            if isSlow.isSet {
                await withCheckedContinuation { continuation in
                    process.spawn { [process] in
                        try? await process.sleep(.seconds(20))
                        continuation.resume()
                    }
                }
            }
            return state.withLock { state in
                state.underWay[name, default: 0] -= 1
                state.committed += 1
                return state.committed
            }
        }

        func units(of items: [ItemName]) async throws(JournalError) -> [ItemName: ItemUnits] {
            let committed = await answer("units")
            return Dictionary(uniqueKeysWithValues: items.map { ($0, ItemUnits(loaded: 100, committed: committed)) })
        }

        func endedUnits(of sales: [SaleID]) async throws(JournalError) -> [ItemName: EndedUnits] {
            _ = await answer("ended")
            return [:]
        }
    }

    @Test func aPostgresThatHangsHoldsUpNoFrame() throws {
        let bed = TestBed()
        let ledger = SlowLedger(process: bed.process)
        let frames = watch(bed, ledger, seconds: 60)
        bed.pass(milliseconds: 2_900)
        let before = try #require(frames.frames.last)
        let item = try #require(before.sales.first?.items.first)
        #expect(frames.times == [0, 1_000, 2_000] && before.unitsAgeMilliseconds == 0)
        #expect(item.inFlight != nil && item.ended == EndedUnits())

        ledger.isSlow.isSet = true
        bed.pass(milliseconds: 15_000)
        // The first of them waits for a moment.
        #expect(frames.times == stride(from: 0, to: 18_000, by: 1_000).map { $0 == 3_000 ? 3_200 : $0 })
        let late = try #require(frames.frames.last)
        let old = try #require(late.sales.first?.items.first)
        #expect(late.unitsAgeMilliseconds == 15_000 && late.paidAgeMilliseconds == 15_000)
        #expect(old.committed == item.committed && old.ended == EndedUnits() && old.available == 6 && old.inFlight == nil)
        #expect(ledger.overlapCount > 0)

        ledger.isSlow.isSet = false
        bed.pass(milliseconds: 10_000)
        let after = try #require(frames.frames.last)
        #expect(after.unitsAgeMilliseconds == 0 && after.sales.first?.items.first?.inFlight != nil)
        #expect(ledger.mostUnderWay == 1)
    }

    @Test func aCountThatHangsHoldsNobodyWhenItIsOver() {
        let bed = TestBed()
        let ledger = SlowLedger(process: bed.process)
        ledger.isSlow.isSet = true
        let frames = watch(bed, ledger, seconds: 3)
        bed.pass(milliseconds: 3_500)
        #expect(frames.times.count == 3 && frames.hasEnded)
    }
}
