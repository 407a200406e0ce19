import FaultSuite
import Foundation
import LoadSupport
import PrivateServers
import Synchronization

/// A switch, and the hosts that hang on it. The switch is this process's own network, in which
/// clients live, too.
final class Lab: Sendable {
    let topology: Topology
    let directory: String
    private let hosts = Mutex<[String: Host]>([:])

    static let bridge = "switch0"

    private init(topology: Topology, directory: String) {
        self.topology = topology
        self.directory = directory
    }

    /// - Parameter clients: the last numbers of the addresses that clients may come from.
    static func make(topology: Topology, directory: String, clients: ClosedRange<Int>) async throws -> Lab {
        let lab = Lab(topology: topology, directory: directory)
        try await lab.ip("link", "set", "lo", "up")
        // One that another drill made in this network is gone with it.
        _ = try? await Subprocess("ip")(["link", "del", bridge])
        try await lab.ip("link", "add", bridge, "type", "bridge")
        try await lab.ip("link", "set", bridge, "up")
        let addresses = clients.map { "addr add \(topology.client($0))/\(topology.prefix) dev \(bridge)" }
        try await lab.ipBatch(addresses)
        return lab
    }

    /// A host of the topology, on the switch, with its configuration in place and nothing running.
    func host(_ name: String) async throws -> Host {
        guard let address = topology.address(of: name) else { throw SetupFailure("topology.env has no address of \(name)") }
        let place = "\(directory)/\(name)"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        let host = try await Host(name: name, address: address, directory: place)
        hosts.withLock { $0[name] = host }
        try await ipBatch([
            "link add \(host.port) type veth peer name \(topology.interface) netns \(host.pid)", "link set \(host.port) master \(Self.bridge)",
            "link set \(host.port) up",
        ])
        try await host.mustRun(["ip", "addr", "add", "\(address)/\(topology.prefix)", "dev", topology.interface])
        try await host.mustRun(["ip", "link", "set", topology.interface, "up"])
        try await topology.render(name, into: host.etc)
        return host
    }

    /// As if somebody pulled its plug out of the switch.
    func cut(_ host: Host) async throws { try await ip("link", "set", host.port, "down") }

    func mend(_ host: Host) async throws { try await ip("link", "set", host.port, "up") }

    /// Ends everything that was started on any host.
    func shutDown() async {
        for host in hosts.withLock({ Array($0.values) }) {
            await host.shutDown()
            // The kernel takes it away as well, but in its own time.
            _ = try? await Subprocess("ip")(["link", "del", host.port])
        }
        _ = try? await Subprocess("ip")(["link", "del", Self.bridge])
    }

    private func ip(_ arguments: String...) async throws {
        try await Subprocess("ip").succeed(arguments)
    }

    private func ipBatch(_ lines: [String]) async throws {
        try await Subprocess("ip").succeed(["-batch", "-"], input: lines.joined(separator: "\n") + "\n")
    }
}
