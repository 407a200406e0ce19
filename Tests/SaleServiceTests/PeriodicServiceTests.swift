import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import SaleService
@testable import Simulation

@Suite(.timeLimit(.minutes(1))) struct PeriodicServiceTests {
    private let bed = TestBed()

    @Test func `it works at once, and then after each pause`() {
        let turns = Counting()
        let service = PeriodicService(every: .seconds(1), runtime: bed.context.runtime) { turns.count() }
        bed.process.spawn { try? await service.run() }
        bed.pass(milliseconds: 1)
        #expect(turns.value == 1)
        bed.pass(milliseconds: 2_500)
        #expect(turns.value == 3)
    }

    @Test func `a cancelled one works no more`() async throws {
        let turns = Counting()
        let service = PeriodicService(every: .milliseconds(1), runtime: .system) { turns.count() }
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try? await service.run() }
            while turns.value < 3 { try? await Task.sleep(for: .milliseconds(1)) }
            tasks.cancelAll()
        }
        let last = turns.value
        try await Task.sleep(for: .milliseconds(20))
        #expect(turns.value == last)
    }

    @Test func `graceful shutdown awaits the work that is under way, which is cancelled`() async throws {
        let turns = Counting()
        let service = PeriodicService(every: .seconds(60), runtime: .system) {
            turns.count()
            try? await Task.sleep(for: .seconds(60))
            turns.count()
        }
        let group = ServiceGroup(services: [service], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        async let run: Void = group.run()
        while turns.value < 1 { try await Task.sleep(for: .milliseconds(1)) }
        await group.triggerGracefulShutdown()
        try await run
        #expect(turns.value == 2)
    }

    private final class Counting: Sendable {
        private let turns = Mutex(0)
        var value: Int { turns.withLock { $0 } }
        func count() { turns.withLock { $0 += 1 } }
    }
}
