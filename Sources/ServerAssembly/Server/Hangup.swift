import Glibc

/// What SIGHUP means to a process that serves. Nothing is reloaded at it, so there are two
/// meanings: the terminal has gone from which somebody could have stopped us, or nothing at all.
package enum Hangup: Sendable {
    /// A terminal controls the process: SIGHUP drains, as SIGTERM does.
    case drains
    /// It runs under a supervisor, in a container or in the background: SIGHUP is ignored, and the
    /// log says so.
    case isIgnored
    /// Whoever started the process has it ignored, as nohup(1) does, and so it stays.
    case isIgnoredByItsStarter

    /// From now on SIGHUP does not end this process, unless a terminal controls it.
    ///
    /// - Returns: what the signal means for as long as the process lives.
    package static func ofThisProcess() -> Hangup {
        // Reads its path, a literal.
        let terminal = unsafe open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC)
        if terminal >= 0 { close(terminal) }
        let earlier = signal(SIGHUP, SIG_IGN)
        // The two are addresses that no function has; C functions cannot be compared otherwise.
        let wasIgnored = unsafe unsafeBitCast(earlier, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
        if wasIgnored { return .isIgnoredByItsStarter }
        guard terminal >= 0 else { return .isIgnored }
        signal(SIGHUP, SIG_DFL)
        return .drains
    }
}
