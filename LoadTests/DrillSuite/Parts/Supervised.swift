import FaultSuite
import Foundation
import Glibc
import LoadSupport
import PrivateServers
import Synchronization

/// A program on a host, and what its unit would do for it: what runs before it, after it has
/// started, and after it has ended.
final class Supervised: Sendable {
    struct Unit: Sendable {
        /// Of its log.
        var name: String
        var command: [String]
        var account = Host.Account.root
        var environment: [String: String] = [:]
        var startPre: [DropIn.Command] = []
        var startPost: [DropIn.Command] = []
        var stopPost: [DropIn.Command] = []
        /// Started again a second after whatever ended it, as `Restart=always` does. Where it is
        /// not, drills see the fault for longer.
        var restarts = false

        init(name: String, command: [String], account: Host.Account = .root, restarts: Bool = false) {
            (self.name, self.command, self.account, self.restarts) = (name, command, account, restarts)
        }

        /// As the deployment says it.
        ///
        /// - Parameter command: of the package's own unit, where the deployment leaves it.
        init(
            _ service: String, on host: Host, command: [String] = [], account: Host.Account = .root, restarts: Bool = false
        ) throws {
            let dropIn = try DropIn(of: service, on: host)
            guard !dropIn.start.isEmpty || !command.isEmpty else { throw SetupFailure("\(host.name): nobody says how \(service) is started") }
            self.init(name: service, command: dropIn.start.isEmpty ? command : dropIn.start, account: account, restarts: restarts)
            (startPre, startPost, stopPost, environment) = (dropIn.startPre, dropIn.startPost, dropIn.stopPost, dropIn.environment)
        }
    }

    let host: Host
    let unit: Unit
    private let child = Mutex<ChildProcess?>(nil)
    /// An operator wants it to run.
    private let isWanted = Mutex(false)
    /// The last process whose end was followed by what is to follow it.
    private let buried = Mutex<Int32?>(nil)

    init(_ unit: Unit, on host: Host) {
        self.unit = unit
        self.host = host
    }

    var pid: Int32? { child.withLock { $0?.pid } }
    var isRunning: Bool { child.withLock { $0.map { $0.status == nil } ?? false } }

    func start() async throws {
        isWanted.withLock { $0 = true }
        for command in unit.startPre { try await host.mustRun(command.words, as: account(of: command)) }
        let started = try host.start(unit.command, as: unit.account, environment: unit.environment, log: "\(unit.name).log")
        child.withLock { $0 = started }
        for command in unit.startPost { try await host.mustRun(command.words, as: account(of: command)) }
    }

    private func account(of command: DropIn.Command) -> Host.Account { command.isRoots ? .root : unit.account }

    /// Until it is cancelled: does what is to be done after each end.
    func supervise() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(20))
            guard let ended = child.withLock({ $0 }), ended.status != nil, ended.pid != buried.withLock({ $0 }) else { continue }
            for command in unit.stopPost { _ = try? await host.run(command.words, as: account(of: command)) }
            buried.withLock { $0 = ended.pid }
            guard unit.restarts else { continue }
            try? await Task.sleep(for: .seconds(1))
            if isWanted.withLock({ $0 }), !isRunning, !Task.isCancelled { try? await start() }
        }
    }

    /// `kill`; it is not started again unless its unit says so.
    func signal(_ number: Int32) { child.withLock { $0 }?.signal(number) }

    /// As an operator stops it.
    ///
    /// - Returns: the seconds until its end.
    @discardableResult
    func stop(signal number: Int32 = SIGTERM, within patience: Duration = .seconds(30)) async throws -> Double {
        isWanted.withLock { $0 = false }
        let begin = ContinuousClock.now
        signal(number)
        guard try await eventually(within: patience, { !isRunning }) else { throw SetupFailure("\(host.name): \(unit.name) does not end") }
        return (ContinuousClock.now - begin).seconds
    }

    /// `kill -9`, and nobody starts it again.
    func kill() async {
        isWanted.withLock { $0 = false }
        signal(SIGKILL)
        await child.withLock { $0 }?.waitUntilExit()
    }

    /// Its host loses its power, and with it the supervisor.
    func abandon() { isWanted.withLock { $0 = false } }

    func freeze() { signal(SIGSTOP) }
    func thaw() { signal(SIGCONT) }

    /// What it said last.
    var lastWords: String {
        let text = (try? String(contentsOfFile: "\(host.log)/\(unit.name).log", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(4).joined(separator: " | ")
    }
}
