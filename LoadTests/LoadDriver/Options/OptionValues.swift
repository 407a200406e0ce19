import ArgumentParser
import LoadClient
import LoadModel

extension Target: ExpressibleByArgument {
    init?(argument: String) { self.init(argument) }
}

/// `10s`, `500ms`, `2m`, `1h30m`, `1.5s`.
struct DurationOption: ExpressibleByArgument {
    let duration: Duration
    let text: String

    init?(argument: String) {
        guard let duration = Duration(measured: argument) else { return nil }
        self.duration = duration
        self.text = argument
    }

    var defaultValueDescription: String { text }
}

/// `trusted-header` or `jwt:SECRETFILE`.
enum AuthOption: ExpressibleByArgument {
    case trustedHeader
    case jwt(secretFile: String)

    init?(argument: String) {
        if argument == "trusted-header" {
            self = .trustedHeader
        } else if argument.hasPrefix("jwt:"), argument.count > 4 {
            self = .jwt(secretFile: String(argument.dropFirst(4)))
        } else {
            return nil
        }
    }

    var name: String {
        switch self {
        case .trustedHeader: "trusted-header"
        case .jwt: "jwt"
        }
    }

    var defaultValueDescription: String { name }
}

/// `service=123,redis=124`.
struct ProcessesOption: ExpressibleByArgument {
    let processes: [NamedProcess]

    init?(argument: String) {
        var processes: [NamedProcess] = []
        for pair in argument.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = pair.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, let pid = Int32(parts[1]), pid > 0 else { return nil }
            processes.append(NamedProcess(name: String(parts[0]), pid: pid))
        }
        self.processes = processes
    }
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    case json
}

extension ArrivalPlan.Spacing: ExpressibleByArgument {}
