import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import SaleService
@testable import Simulation

@Suite(.timeLimit(.minutes(1))) struct LaneErrandsTests {
    /// An errand that ends when it is let.
    private final class SlowErrand: Sendable {
        private let over = Atomic<Bool>(false)
        private let (begins, begun) = AsyncStream.makeStream(of: Void.self)
        private let (ends, ended) = AsyncStream.makeStream(of: Void.self)

        func run() async {
            begun.finish()
            for await _ in ends {}
            over.store(true, ordering: .relaxed)
        }

        var hasEnded: Bool { over.load(ordering: .relaxed) }
        func hasBegun() async { for await _ in begins {} }
        func end() { ended.finish() }
    }

    private static func group(_ errands: LaneErrands) -> ServiceGroup {
        ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [errands], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    }

    private func begin(_ errands: LaneErrands) -> Bool { errands.begin {} }

    @Test func theDrainAwaitsWhatIsUnderWayAndTakesNoMore() async throws {
        let errands = LaneErrands()
        let group = Self.group(errands)
        let errand = SlowErrand()
        _ = errands.begin { await errand.run() }
        async let run: Void = group.run()
        await errand.hasBegun()
        await group.triggerGracefulShutdown()
        // The stop arrives by a task of the group.
        while errands.begin({}) { try await Task.sleep(for: .milliseconds(1)) }
        #expect(!errand.hasEnded)
        errand.end()
        try await run
        #expect(errand.hasEnded)
    }

    @Test func aCancelledServiceCancelsItsErrands() async throws {
        let errands = LaneErrands()
        let errand = SlowErrand()
        _ = errands.begin { await errand.run() }
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try? await errands.run() }
            await errand.hasBegun()
            tasks.cancelAll()
        }
        #expect(errand.hasEnded)
        #expect(begin(errands) == false)
    }

    @Test func noMoreAreUnderWayThanTheBoundSays() async {
        let errands = LaneErrands()
        for _ in 0..<Limits.laneErrandsMax { #expect(begin(errands)) }
        #expect(begin(errands) == false)
    }

    @Test func whatHasEndedMakesRoom() async throws {
        let errands = LaneErrands()
        for _ in 0..<Limits.laneErrandsMax { _ = errands.begin({}) }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try? await errands.run() }
            while !errands.begin({}) { try await Task.sleep(for: .milliseconds(1)) }
            tasks.cancelAll()
        }
    }
}
