import Dispatch
import Foundation
import Synchronization

/// Ctrl-C and SIGTERM: the first lets a run that is under way end early and report; any other ends
/// the process at once, with 130.
final class Interrupts: Sendable {
    private let handler = Mutex<(@Sendable () -> Void)?>(nil)
    /// Whether a run was told to end early.
    private let happened = Mutex(false)

    /// Catches the signals for the rest of the process's life.
    static func install() -> Interrupts {
        let interrupts = Interrupts()
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { interrupts.received(source) }
            source.resume()
        }
        return interrupts
    }

    var hasHappened: Bool { happened.withLock { $0 } }

    /// What the first interrupt is to do from now on; `nil`: end the process.
    func whenInterrupted(_ action: (@Sendable () -> Void)?) {
        handler.withLock { $0 = action }
    }

    /// - Parameter source: kept alive by the handler that calls this.
    private func received(_ source: any DispatchSourceSignal) {
        let action = handler.withLock { handler in
            defer { handler = nil }
            return handler
        }
        guard let action, !source.isCancelled else { exit(130) }
        happened.withLock { $0 = true }
        action()
    }
}
