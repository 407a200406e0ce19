import Glibc
import Hummingbird
import NIOCore
import ServiceLifecycle
import Synchronization

/// A server whose failure to listen is told in words that name the setting.
struct ListeningService<Responder: HTTPResponder>: Service
where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
    let application: Application<Responder>
    let setting: String
    let address: ListenAddress

    func run() async throws {
        do {
            try await application.run()
        } catch let error as IOError {
            throw StartError.listen("cannot listen on \(address) (\(setting)): \(Self.reason(error))")
        } catch let error as SocketAddressError {
            throw StartError.listen("cannot listen on \(address) (\(setting)): \(error)")
        }
    }

    private static func reason(_ error: IOError) -> String {
        switch error.errnoCode {
        case EADDRINUSE: "the port is in use"
        case EACCES: "not permitted"
        case EADDRNOTAVAIL: "this machine does not have the address"
        default: error.description
        }
    }
}

/// Tells the addresses once both ports listen.
final class ListeningPorts: Sendable {
    private let ports = Mutex<(public: ListenAddress?, admin: ListenAddress?)>((nil, nil))
    private let onBoth: @Sendable (ListenAddress, ListenAddress) async -> Void

    init(onBoth: @escaping @Sendable (ListenAddress, ListenAddress) async -> Void) {
        self.onBoth = onBoth
    }

    /// `nil` while it does not listen.
    var known: (public: ListenAddress?, admin: ListenAddress?) { ports.withLock { $0 } }

    func publicPort(is channel: any Channel, of setting: ListenAddress) async {
        await set { $0.public = ListenAddress(host: setting.host, port: channel.localAddress?.port ?? setting.port) }
    }

    func adminPort(is channel: any Channel, of setting: ListenAddress) async {
        await set { $0.admin = ListenAddress(host: setting.host, port: channel.localAddress?.port ?? setting.port) }
    }

    private func set(_ change: (inout (public: ListenAddress?, admin: ListenAddress?)) -> Void) async {
        let known = ports.withLock { ports in
            change(&ports)
            return ports
        }
        if let publicAddress = known.public, let admin = known.admin { await onBoth(publicAddress, admin) }
    }
}
