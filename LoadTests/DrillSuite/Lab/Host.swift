import FaultSuite
import Foundation
import Glibc
import LoadSupport
import PrivateServers

/// A machine of its own: network, mounts and name are nobody else's. `/etc` is a copy of the
/// machine's, with what the deployment puts there; `/run` and `/var/lib` are empty at first, and
/// `/var/log` is `log` here.
///
/// It lives as long as the process that holds its namespaces, which ends with us.
final class Host: Sendable {
    let name: String
    let address: String
    /// Where its `/var/log` is seen from outside.
    let log: String
    /// Where its `/etc` is.
    let etc: String
    private let holder: ChildProcess

    /// The name of its port at the switch.
    var port: String { "to-\(name)" }

    /// - Parameter directory: empty, and the host's alone.
    init(name: String, address: String, directory: String) async throws {
        self.name = name
        self.address = address
        (log, etc) = ("\(directory)/log", "\(directory)/etc")
        let ready = "\(directory)/ready"
        let script = """
            set -e
            mount --make-rprivate /
            hostname \(name)
            mkdir -p \(etc) \(log)/seckill
            chmod 755 \(directory) \(log) \(log)/seckill
            cp -a /etc/. \(etc) 2>/dev/null || true
            mount --bind \(etc) /etc
            mount -t tmpfs -o mode=755 tmpfs /run
            mount -t tmpfs -o mode=755 tmpfs /var/lib
            mount --bind \(log) /var/log
            mount -t sysfs sysfs /sys 2>/dev/null || true
            ip link set lo up
            : >\(ready)
            exec sleep infinity
            """
        holder = try ChildProcess(
            .init(
                program: "/usr/bin/unshare", arguments: ["--mount", "--net", "--uts", "/bin/sh", "-c", script], environment: [:],
                log: "\(directory)/holder.log"))
        let holder = holder
        guard try await eventually(within: .seconds(10), { FileManager.default.fileExists(atPath: ready) || holder.status != nil }),
            holder.status == nil
        else {
            throw SetupFailure("\(name) could not be made: \((try? String(contentsOfFile: "\(directory)/holder.log", encoding: .utf8)) ?? "")")
        }
    }

    var pid: Int32 { holder.pid }

    /// Who is to run a program.
    enum Account: Sendable {
        case root
        case user(String)
        case member(user: String, group: String)
    }

    /// Starts a program that runs on, as a supervisor would.
    ///
    /// - Parameter file: below `/var/log`, takes what it says.
    func start(_ arguments: [String], as account: Account = .root, environment: [String: String] = [:], log file: String) throws -> ChildProcess {
        try ChildProcess(.init(program: Self.nsenter, arguments: entry(arguments, account), environment: environment, log: "\(log)/\(file)"))
    }

    /// Runs a program to its end.
    @discardableResult
    func run(_ arguments: [String], as account: Account = .root, environment: [String: String] = [:], input: String = "") async throws
        -> Subprocess.Outcome
    {
        try await Subprocess(Self.nsenter, environment: environment)(entry(arguments, account), input: input)
    }

    /// As `run`; an end that is not 0 is an error.
    @discardableResult
    func mustRun(_ arguments: [String], as account: Account = .root, environment: [String: String] = [:], input: String = "") async throws -> String {
        let outcome = try await run(arguments, as: account, environment: environment, input: input)
        guard outcome.status == 0 else {
            throw SetupFailure("\(name): \(arguments.joined(separator: " ")) ended with \(outcome.status): \(outcome.messages.suffix(400))")
        }
        return outcome.data
    }

    /// Everything that runs there ends at once, and what was forked meanwhile. Its disks stay.
    func killAll() async {
        while let left = try? pids().filter({ $0 != holder.pid }), !left.isEmpty {
            for pid in left { _ = Glibc.kill(pid, SIGKILL) }
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Processes in its network, the holder's included.
    private func pids() throws -> [Int32] {
        let mine = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(holder.pid)/ns/net")
        let all = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }
        return all.filter { (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\($0)/ns/net")) == mine && mine != nil }
    }

    func shutDown() async {
        await killAll()
        holder.signal(SIGKILL)
        await holder.waitUntilExit()
    }

    private static let nsenter = "/usr/bin/nsenter"

    private func entry(_ arguments: [String], _ account: Account) -> [String] {
        let inside = ["--target", "\(holder.pid)", "--mount", "--net", "--uts", "--"]
        switch account {
        case .root: return inside + arguments
        case .user(let user): return entry(arguments, .member(user: user, group: user))
        case .member(let user, let group): return inside + ["setpriv", "--reuid", user, "--regid", group, "--init-groups", "--"] + arguments
        }
    }
}
