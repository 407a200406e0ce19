package import Logging
import SaleService
import ServiceLifecycle
import Synchronization

/// Reads a JWK set again and again from where it is published, and keeps the last one that was
/// good.
///
/// One read at a time, made by `run()`: every five minutes, and when a token names an unknown key,
/// but then at most once per cooldown, so that forged key ids cannot be used to flood the
/// publisher.
package final class KeySource: Service {
    package typealias Read = @Sendable () async throws -> [UInt8]

    private struct State {
        var isRunning = false
        /// A regular read has become due.
        var isDue = false
        var isReading = false
        /// When the last read began.
        var lastRead: ContinuousClock.Instant?
        var lastBytes: [UInt8]?
        var waiting: [CheckedContinuation<Void, Never>] = []
        var onChange: (@Sendable (VerificationKeys) -> Void)?
    }

    private let state = Mutex(State())
    private let read: Read
    private let interval: Duration
    private let cooldown: Duration
    private let logger: Logger
    private let wakeUps: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation

    /// - Parameter read: must end by itself within seconds, and must not return more than
    ///   `VerificationKeys.setBytesMax` bytes.
    package init(interval: Duration = .seconds(300), cooldown: Duration = .seconds(30), logger: Logger, read: @escaping Read) {
        self.read = read
        self.interval = interval
        self.cooldown = cooldown
        self.logger = logger
        (wakeUps, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Whether `run()` is under way; without it nothing is read, and nobody is made to wait.
    var isRunning: Bool { state.withLock { $0.isRunning } }

    func onChange(_ act: @escaping @Sendable (VerificationKeys) -> Void) {
        state.withLock { $0.onChange = act }
    }

    /// Returns when the keys are as new as the cooldown allows: after a read that is under way or
    /// that this call brings about, or at once.
    package func refresh() async {
        await withCheckedContinuation { continuation in
            let mustWait = state.withLock { state in
                guard state.isRunning else { return false }
                let mayRead = state.lastRead.map { ContinuousClock.now - $0 >= cooldown } ?? true
                guard mayRead || state.isReading || !state.waiting.isEmpty else { return false }
                state.waiting.append(continuation)
                return true
            }
            if mustWait { wakeUp.yield() } else { continuation.resume() }
        }
    }

    package func run() async throws {
        state.withLock { $0.isRunning = true }
        defer { stop() }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.tick() }
            for await _ in wakeUps.cancelOnGracefulShutdown() { await readOnce() }
            group.cancelAll()
        }
    }

    /// Brings about the regular reads.
    private func tick() async {
        while !Task.isCancelled {
            let hasKeys = state.withLock { state in
                state.isDue = true
                return state.lastBytes != nil
            }
            wakeUp.yield()
            try? await Task.sleep(for: hasKeys ? interval : min(interval, cooldown))
        }
    }

    private func readOnce() async {
        let mustRead = state.withLock { state in
            // A wake-up may be left over from a read that has served its waiter already.
            guard state.isDue || !state.waiting.isEmpty else { return false }
            state.isDue = false
            state.isReading = true
            state.lastRead = .now
            return true
        }
        guard mustRead else { return }
        await readKeys()
        let served = state.withLock { state in
            state.isReading = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in served { continuation.resume() }
    }

    private func readKeys() async {
        do {
            let bytes = try await read()
            guard state.withLock({ $0.lastBytes != bytes }) else { return }
            let keys = try VerificationKeys.jwks(bytes)
            let onChange = state.withLock { state in
                state.lastBytes = bytes
                return state.onChange
            }
            onChange?(keys)
            logger.info("Keys for tokens read", metadata: [LogKey.count: "\(keys.keys.count)"])
        } catch {
            logger.warning("Keys for tokens cannot be read; the last good ones stay", metadata: [LogKey.error: "\(error)"])
        }
    }

    private func stop() {
        let left = state.withLock { state in
            state.isRunning = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in left { continuation.resume() }
    }
}
