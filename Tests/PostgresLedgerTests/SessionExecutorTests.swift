import Dispatch
import Testing

@testable import PostgresLedger

/// The writer runs on its session's thread, which blocks while Postgres works. Whatever else it
/// waits for there must come as soon as the thread is free, and nothing that the session's wait
/// needs may stand in line behind it.
@Suite(.timeLimit(.minutes(1))) struct SessionExecutorTests {
    private actor Session {
        let executor = SessionExecutor(label: "test")
        nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

        /// Blocks the thread, as libpq does, until somebody else signals.
        func block(until signal: DispatchSemaphore, begun: @Sendable () -> Void = {}) {
            begun()
            #expect(signal.wait(timeout: .now() + 30) == .success)
        }
    }

    @Test func `a task that prefers a session's thread runs there between its calls to the session`() async {
        let session = Session()
        await withTaskExecutorPreference(session.executor) {
            await Self.expect(on: session.executor)
            let signal = DispatchSemaphore(value: 0)
            signal.signal()
            await session.block(until: signal)
            await Self.expect(on: session.executor)
            try? await Task.sleep(for: .milliseconds(1))
            await Self.expect(on: session.executor)
        }
    }

    @concurrent private static func expect(on executor: SessionExecutor) async {
        executor.checkIsolated()
    }

    @Test func `what ends the session's wait comes from elsewhere, and the task goes on`() async {
        let session = Session()
        let signal = DispatchSemaphore(value: 0)
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                await withTaskExecutorPreference(session.executor) {
                    await session.block(until: signal) { DispatchQueue.global().async { signal.signal() } }
                }
            }
        }
    }

    /// As a confirmation's does: a child task of the writer, and so on the same thread.
    @Test func `a timer that is due while the thread is blocked runs when it is free`() async {
        let session = Session()
        let signal = DispatchSemaphore(value: 0)
        let hasRun = await withTaskExecutorPreference(session.executor) {
            async let timer: Bool = {
                try? await Task.sleep(for: .milliseconds(1))
                return true
            }()
            DispatchQueue.global().asyncAfter(deadline: .now() + 0.1) { signal.signal() }
            await session.block(until: signal)
            return await timer
        }
        #expect(hasRun)
    }

    @Test func `cancellation reaches a task that waits there, and one whose thread is blocked`() async {
        let session = Session()
        let signal = DispatchSemaphore(value: 0)
        let (begun, begins) = AsyncStream.makeStream(of: Void.self)
        await withTaskGroup(of: Bool.self) { tasks in
            tasks.addTask {
                await withTaskExecutorPreference(session.executor) {
                    await session.block(until: signal) { begins.finish() }
                    // The cancellation came while the thread was blocked.
                    do { try await Task.sleep(for: .seconds(60)) } catch { return true }
                    return false
                }
            }
            for await _ in begun {}
            tasks.cancelAll()
            signal.signal()
            #expect(await tasks.next() == true)
        }
    }
}
