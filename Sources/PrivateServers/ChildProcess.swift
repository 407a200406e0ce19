import Dispatch
import Foundation
import Glibc
import Synchronization

/// A program that runs beside us and does not outlive us.
///
/// It leads its own session, so that Ctrl-C in a terminal reaches only us and we stop it in our
/// order. The kernel signals it when we die, however we die (`PR_SET_PDEATHSIG`, set by
/// util-linux's `setpriv`). That signal is sent when the *thread* that started the child ends
/// (prctl(2)), so each child has a thread of its own, which starts it and waits for it.
package struct ChildProcess: Sendable {
    package struct Command: Sendable {
        /// Absolute.
        package var program: String
        package var arguments: [String]
        /// All that it gets.
        package var environment: [String: String]
        /// Whom it runs as; `nil` for the caller.
        var account: UnprivilegedAccount?
        /// What the kernel sends it when we die.
        package var signalAtOurDeath = "TERM"
        /// Takes stdout and stderr, appended.
        package var log: String

        /// A program that runs as the caller, with `environment` added to the caller's own; but not
        /// what is meant for another Postgres or another Seckill.
        package init(program: String, arguments: [String], environment: [String: String], log: String) {
            let ours = ProcessInfo.processInfo.environment.filter { name, _ in !["PG", "SECKILL_"].contains { name.hasPrefix($0) } }
            self.init(program: program, arguments: arguments, environment: ours.merging(environment) { $1 }, account: nil, log: log)
        }

        /// What a private server, or a client of one, needs of the caller's environment to be found
        /// and run. Nothing else reaches it: a `PGOPTIONS` or `PGHOSTADDR` that somebody exports
        /// for another server would change this one, or lead its clients away from it.
        private static var bareEnvironment: [String: String] {
            let names = ["PATH", "LD_LIBRARY_PATH", "TMPDIR", "HOME"]
            let found = ProcessInfo.processInfo.environment.filter { names.contains($0.key) }
            // Messages are read by their English words.
            return found.merging(["LC_ALL": "C", "TZ": "UTC"]) { $1 }
        }

        private init(
            program: String, arguments: [String], environment: [String: String], account: UnprivilegedAccount?, signalAtOurDeath: String = "TERM",
            log: String
        ) {
            self.program = program
            self.arguments = arguments
            self.environment = environment
            self.account = account
            self.signalAtOurDeath = signalAtOurDeath
            self.log = log
        }

        /// A private server or a client of one; `environment` is added to the little that it gets.
        static func ofServer(
            _ program: String, _ arguments: [String], adding environment: [String: String] = [:], account: UnprivilegedAccount?,
            signalAtOurDeath: String = "TERM", log: String
        ) -> Command {
            Command(
                program: program, arguments: arguments, environment: bareEnvironment.merging(environment) { $1 }, account: account,
                signalAtOurDeath: signalAtOurDeath, log: log)
        }
    }

    package let pid: Int32
    private let life: ChildLifetime

    /// Starts `command`. Blocks for the milliseconds that a fork takes.
    package init(_ command: Command) throws(PrivateServerError) {
        let arguments =
            [try ProgramSearch.find("setpriv", package: "util-linux"), "--pdeathsig", command.signalAtOurDeath]
            + (command.account?.setprivArguments ?? []) + ["--"]
            // Postgres changes to a directory and back, so it must be able to enter the one that it
            // starts in.
            + [try ProgramSearch.find("env", package: "coreutils"), "--chdir=/", command.program] + command.arguments
        let life = ChildLifetime()
        let thread = Thread { life.run(arguments, environment: command.environment, log: command.log) }
        thread.stackSize = 256 * 1024
        thread.start()
        self.pid = try life.started()
        self.life = life
    }

    /// The raw status of waitpid(2); `nil` while the child runs.
    package var status: Int32? { life.status }

    package func signal(_ number: Int32) {
        life.signal(number)
    }

    package func waitUntilExit() async {
        await life.exited()
    }

    /// For exit handlers, which cannot suspend.
    package func blockUntilExit() {
        life.blockUntilExit()
    }
}

/// What the child's thread and everybody else share.
private final class ChildLifetime: Sendable {
    private enum State {
        case starting
        case failed(PrivateServerError)
        case running(pid: Int32)
        case exited(pid: Int32, status: Int32)
    }

    private let state = Mutex(State.starting)
    private let startDecided = DispatchSemaphore(value: 0)
    private let running = DispatchGroup()

    /// The thread's whole life.
    func run(_ arguments: [String], environment: [String: String], log: String) {
        running.enter()
        defer { running.leave() }
        let pid: Int32
        do throws(PrivateServerError) {
            pid = try spawn(arguments, environment: environment, log: log)
        } catch {
            state.withLock { $0 = .failed(error) }
            startDecided.signal()
            return
        }
        state.withLock { $0 = .running(pid: pid) }
        startDecided.signal()
        // WNOWAIT leaves the zombie in place, so that its number cannot belong to another process
        // while somebody signals it. Both calls fill what they are given before they return.
        var info = unsafe siginfo_t()
        while unsafe waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) == -1, errno == EINTR {}
        state.withLock { state in
            var status: Int32 = 0
            while unsafe waitpid(pid, &status, 0) == -1, errno == EINTR {}
            state = .exited(pid: pid, status: status)
        }
    }

    func started() throws(PrivateServerError) -> Int32 {
        startDecided.wait()
        switch state.withLock({ $0 }) {
        case .running(let pid), .exited(let pid, _): return pid
        case .failed(let error): throw error
        case .starting: fatalError("the thread signals only after it has left `starting`")
        }
    }

    var status: Int32? {
        state.withLock { if case .exited(_, let status) = $0 { status } else { nil } }
    }

    func signal(_ number: Int32) {
        state.withLock { if case .running(let pid) = $0 { kill(pid, number) } }
    }

    func exited() async {
        await withCheckedContinuation { continuation in
            running.notify(queue: .global()) { continuation.resume() }
        }
    }

    func blockUntilExit() {
        running.wait()
    }
}

/// `POSIX_SPAWN_SETSID` of <spawn.h>, which Swift's Glibc module leaves out.
private let setSession: Int16 = 0x80

/// posix_spawn(3) with a session of its own, no inherited descriptors and default signals.
///
/// Its structs live on this stack until it has returned, are initialised before and destroyed
/// after; the words are copies that are freed here.
private func spawn(_ arguments: [String], environment: [String: String], log: String) throws(PrivateServerError) -> Int32 {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
    keepDescriptorsFromChildren()

    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe posix_spawnattr_setsigmask(&attributes, &signals)
    unsafe sigfillset(&signals)
    unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
    unsafe posix_spawnattr_setflags(&attributes, setSession | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))

    var argv: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) } + [nil]
    var envp: [UnsafeMutablePointer<CChar>?] = unsafe environment.map { unsafe strdup("\($0)=\($1)") } + [nil]
    defer { unsafe (argv + envp).forEach { unsafe free($0) } }
    var pid: Int32 = 0
    let failure = unsafe posix_spawn(&pid, arguments[0], &actions, &attributes, &argv, &envp)
    guard failure == 0 else {
        throw PrivateServerError(.failed, "cannot run \(arguments[0]) with its log in \(log): \(errorText(failure))")
    }
    return pid
}

/// A socket that a child inherits stays open when we close it, and its peer waits for ever.
private func keepDescriptorsFromChildren() {
    let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    for handle in open.compactMap({ Int32($0) }) where handle > 2 {
        _ = fcntl(handle, F_SETFD, FD_CLOEXEC)
    }
}
