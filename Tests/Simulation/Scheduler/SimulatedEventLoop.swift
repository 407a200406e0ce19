import DequeModule
package import Dispatch
package import NIOCore
import SaleCore

/// An event loop on virtual time: first in, first out, one task a step.
package final class SimulatedEventLoop: EventLoop, @unchecked Sendable {
    package let process: SimulatedProcess
    private var queue = Deque<() -> Void>()
    private var scheduled: [ObjectIdentifier: Entry] = [:]

    private final class Entry {
        var run: (() -> Void)?
        let fail: () -> Void

        init(run: @escaping () -> Void, fail: @escaping () -> Void) {
            self.run = run
            self.fail = fail
        }
    }

    init(process: SimulatedProcess) {
        self.process = process
    }

    /// The world has one thread.
    package var inEventLoop: Bool { true }
    package var now: NIODeadline { .uptimeNanoseconds(process.scheduler.now.nanoseconds) }

    package func execute(_ task: @escaping @Sendable () -> Void) {
        guard !process.isDead else { return }
        queue.append(task)
        if queue.count == 1 { process.scheduler.enqueue(self) }
    }

    func runNext() {
        guard let task = queue.first else { return }
        task()
        // The task may have been the death of the process.
        guard !queue.isEmpty else { return }
        queue.removeFirst()
        if !queue.isEmpty { process.scheduler.enqueue(self) }
    }

    func kill() {
        queue = []
        let entries = scheduled.values
        scheduled = [:]
        for entry in entries {
            entry.run = nil
            entry.fail()
        }
    }

    package func submit<T>(_ task: @escaping @Sendable () throws -> T) -> EventLoopFuture<T> {
        let promise = makePromise(of: T.self)
        guard !process.isDead else {
            promise.fail(EventLoopError.shutdown)
            return promise.futureResult
        }
        execute { promise.keep(task) }
        return promise.futureResult
    }

    @discardableResult
    package func scheduleTask<T>(deadline: NIODeadline, _ task: @escaping @Sendable () throws -> T) -> Scheduled<T> {
        let promise = makePromise(of: T.self)
        let entry = Entry {
            promise.keep(task)
        } fail: {
            promise.fail(EventLoopError.cancelled)
        }
        let bound = UncheckedBox((self, entry))
        let result = Scheduled(
            promise: promise,
            cancellationTask: {
                let (loop, entry) = bound.value
                entry.run = nil
                loop.scheduled[ObjectIdentifier(entry)] = nil
            })
        guard !process.isDead else {
            entry.fail()
            return result
        }
        scheduled[ObjectIdentifier(entry)] = entry
        process.scheduler.at(MonotonicInstant(nanoseconds: deadline.uptimeNanoseconds)) { [self] in
            execute {
                let (loop, entry) = bound.value
                loop.scheduled[ObjectIdentifier(entry)] = nil
                let run = entry.run
                entry.run = nil
                run?()
            }
        }
        return result
    }

    @discardableResult
    package func scheduleTask<T>(in delay: TimeAmount, _ task: @escaping @Sendable () throws -> T) -> Scheduled<T> {
        scheduleTask(deadline: now + delay, task)
    }

    package func shutdownGracefully(queue: DispatchQueue, _ callback: @escaping @Sendable ((any Error)?) -> Void) {
        queue.async { callback(EventLoopError.unsupportedOperation) }
    }
}

private struct UncheckedBox<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}

extension EventLoopPromise {
    /// The world has one thread, so the value crosses none.
    fileprivate func keep(_ task: () throws -> Value) {
        do {
            assumeIsolatedUnsafeUnchecked().succeed(try task())
        } catch {
            fail(error)
        }
    }
}
