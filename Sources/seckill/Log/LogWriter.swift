import Dispatch
import Foundation
import Glibc
import Logging
import SaleCore
import SaleService
import ServerAssembly
import Synchronization

/// Writes lines to a descriptor, on a thread of its own: a reader that stalls stalls that thread,
/// and nobody else. What does not fit into the queue meanwhile is dropped and counted, and the
/// count is told afterwards.
///
/// It lives as long as the process.
final class LogWriter: Sendable {
    private struct State {
        var waiting: [LogLine] = []
        var repeated = RepeatedLines()
        /// Lines that found the queue full, or that the descriptor did not take, and that nothing
        /// was said about yet.
        var dropped = 0
        /// The thread has nothing to do, and waits for `bell`.
        var isAsleep = false
        /// Who waits until everything is written.
        var flushes: [DispatchSemaphore] = []

        mutating func append(_ lines: [LogLine]) {
            let room = max(0, Limits.logLinesWaitingMax - waiting.count)
            waiting += lines.prefix(room)
            dropped += max(0, lines.count - room)
        }
    }

    private let handle: Int32
    private let format: LogFormat
    private let state = Mutex(State())
    private let bell = DispatchSemaphore(value: 0)

    /// - Parameter handle: an open file descriptor that stays open.
    init(handle: Int32, format: LogFormat) {
        self.handle = handle
        self.format = format
        let thread = Thread { self.writeForEver() }
        thread.name = "log"
        thread.stackSize = 256 * 1024
        thread.start()
    }

    func append(_ line: LogLine) {
        wake { state in
            if state.repeated.tells(line, at: monotonicNow()) { state.append([line]) }
        }
    }

    /// Returns once all that was appended before is written, repetitions that are only counted
    /// included; after `deadline` in any case, so that a process can end although nobody reads its
    /// log.
    ///
    /// - Returns: whether everything is written.
    @discardableResult
    func flush(within deadline: DispatchTimeInterval = .seconds(Limits.logFlushSeconds)) -> Bool {
        let done = DispatchSemaphore(value: 0)
        wake { state in
            state.append(state.repeated.rest())
            state.flushes.append(done)
        }
        return done.wait(timeout: .now() + deadline) == .success
    }

    private func wake(_ change: (inout State) -> Void) {
        let wasAsleep = state.withLock { state in
            change(&state)
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        if wasAsleep { bell.signal() }
    }

    // MARK: The thread

    private func writeForEver() {
        while true {
            let next = state.withLock { Self.next(&$0) }
            guard !next.lines.isEmpty else {
                if bell.wait(timeout: next.timeout) == .timedOut { state.withLock { $0.isAsleep = false } }
                continue
            }
            let unwritten = write(next.lines)
            // The last one stood for those that were dropped before.
            if unwritten > 0 { state.withLock { $0.dropped += next.dropped > 0 ? unwritten - 1 + next.dropped : unwritten } }
        }
    }

    private struct Next {
        var lines: [LogLine] = []
        /// What the last line says, if there is something to say.
        var dropped = 0
        /// Until when there is nothing to do, when there are no lines.
        var timeout = DispatchTime.distantFuture
    }

    private static func next(_ state: inout State) -> Next {
        let now = monotonicNow()
        state.append(state.repeated.due(at: now))
        var next = Next()
        swap(&next.lines, &state.waiting)
        if next.lines.isEmpty {
            for flush in state.flushes { flush.signal() }
            state.flushes = []
            state.isAsleep = true
            if let due = state.repeated.nextDue { next.timeout = .now() + .nanoseconds(Int(clamping: now.duration(to: due))) }
        } else if state.dropped > 0 {
            swap(&next.dropped, &state.dropped)
            next.lines.append(droppedLine(next.dropped))
        }
        return next
    }

    private static func droppedLine(_ count: Int) -> LogLine {
        LogLine(
            time: .now, level: .warning, label: "seckill", message: "log lines were dropped: they were not taken in time, or not at all",
            fields: [LogKey.count: "\(count)"])
    }

    /// - Returns: how many of them could not be written.
    private func write(_ lines: [LogLine]) -> Int {
        for (index, line) in lines.enumerated() where !write(line.text(format)) { return lines.count - index }
        return 0
    }

    private func write(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            // The bytes are the call's for the call alone.
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(handle, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                // Somebody who shares it has made it non-blocking.
                var waited = pollfd(fd: handle, events: Int16(POLLOUT), revents: 0)
                unsafe poll(&waited, 1, -1)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
