import Foundation
import LoadModel
import LoadSupport
import NIOCore
import NIOPosix
import SaleCore

/// One run of `rush`, from the first connection to the verdict.
struct RushRun {
    private let options: Rush
    private let names: UserNames
    private let startedAt: Timestamp

    init(_ options: Rush) {
        startedAt = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
        self.options = options
        names = UserNames(
            prefix: options.usersPrefix ?? "load-\(String(startedAt.milliseconds, radix: 36))-", count: options.users)
    }

    /// Prints the report and writes the files.
    func execute() async throws -> RunExit {
        let interrupts = Interrupts.install()
        let template = RequestTemplate(
            target: options.target,
            purchase: PurchaseSettings(
                sale: options.sale, sku: options.sku, quantity: options.quantity, prefersAsync: options.preferAsync,
                sendsKeys: options.idempotencyKeys),
            names: names, credentials: try credentials())
        let group = MultiThreadedEventLoopGroup(numberOfThreads: options.threads)
        let run: Result<RunReport, any Error>
        do {
            run = .success(try await measure(template, on: group, interrupts))
        } catch {
            run = .failure(error)
        }
        try await group.shutdownGracefully()
        let report = try run.get()
        switch options.output {
        case .table: print(TableReport.text(report), terminator: "")
        case .json: FileHandle.standardOutput.write(try ReportFiles.json(report))
        }
        return report.exit
    }

    private func measure(
        _ template: RequestTemplate, on group: MultiThreadedEventLoopGroup, _ interrupts: Interrupts
    ) async throws -> RunReport {
        let reader = options.databaseUrl.map {
            DatabaseReader(psql: Psql(url: $0), sale: options.sale, sku: options.sku, usersPrefix: names.prefix)
        }
        let fleet: Fleet
        do {
            fleet = try await Fleet.connect(
                to: options.target, template: template, plan: plan, connections: options.connections,
                timeout: options.timeout.duration.nanosecondsCount, on: group)
        } catch {
            throw RunFailure(status: .unreachable, message: error.description)
        }
        let before = try reader.map { try readBefore($0) }
        let processes = [NamedProcess(name: "generator", pid: getpid())] + (options.pids?.processes ?? [])
        let cpuBefore = ProcessTree.read(processes)
        let result = try await watched(fleet, interrupts)
        let cpuAfter = ProcessTree.read(processes)
        let judge = SaleJudge(
            tally: result.tally, confirmed: result.confirmed, quantity: Int64(options.quantity), userName: { [names] in names[$0] })
        let invariants: [Finding]
        if let reader, let before {
            invariants = await settled(judge, before: before, reader, patience: interrupts.hasHappened ? .zero : options.settle.duration)
        } else {
            invariants = judge.findings
        }
        let report = RunReport(
            setup: setup, machine: .current, tally: result.tally,
            lagLimitMicroseconds: options.lagLimit.duration.nanosecondsCount / 1_000,
            cpuSeconds: Self.difference(cpuBefore, cpuAfter), invariants: invariants, thresholds: options.thresholds,
            isInterrupted: interrupts.hasHappened)
        if let directory = options.report {
            do {
                try ReportFiles(directory: URL(filePath: directory)).write(report, tally: result.tally)
            } catch {
                throw RunFailure(status: .failed, message: "--report \(directory): \(error.localizedDescription)")
            }
        }
        return report
    }

    /// Runs the fleet while a progress line shows how far it is, and lets an interrupt end it early.
    private func watched(_ fleet: Fleet, _ interrupts: Interrupts) async throws -> LaneResult {
        interrupts.whenInterrupted { fleet.stop() }
        defer { interrupts.whenInterrupted(nil) }
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                let line = ProgressLine()
                defer { line.clear() }
                for second in 1... {
                    try await Task.sleep(for: .seconds(1))
                    line.show(try await fleet.progress(), second: second)
                }
            }
            defer { tasks.cancelAll() }
            return try await fleet.run()
        }
    }

    /// Judges again and again until every rule holds, for what is under way moves still; after `patience` the last judgement stands.
    private func settled(_ judge: SaleJudge, before: DatabaseReading, _ reader: DatabaseReader, patience: Duration) async -> [Finding] {
        let deadline = ContinuousClock.now + patience
        while true {
            do {
                let findings = judge.findings(before: before, after: try reader.read())
                if findings.allSatisfy(\.passed) || ContinuousClock.now >= deadline { return findings }
            } catch {
                if ContinuousClock.now >= deadline { return judge.findings + [Finding("database_readable", false, error.description)] }
            }
            try? await Task.sleep(for: .milliseconds(250))
        }
    }

    private func readBefore(_ reader: DatabaseReader) throws(RunFailure) -> DatabaseReading {
        do {
            return try reader.read()
        } catch {
            if case .failed = error { throw RunFailure(status: .unreachable, message: error.description) }
            throw RunFailure(status: .usage, message: error.description)
        }
    }

    private func credentials() throws(RunFailure) -> Credentials {
        guard case .jwt(let path) = options.auth else { return .trustedHeader }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw RunFailure(status: .usage, message: "--auth: cannot read \(path)")
        }
        var secret = Array(data)
        if secret.last == UInt8(ascii: "\n") { secret.removeLast() }
        if secret.last == UInt8(ascii: "\r") { secret.removeLast() }
        guard !secret.isEmpty else { throw RunFailure(status: .usage, message: "--auth: \(path) is empty") }
        let names = names
        return .tokens(
            TokenTable(names: (0..<names.count).lazy.map { names[$0] }, secret: secret, now: Int(startedAt.milliseconds / 1_000)))
    }

    private var plan: PurchasePlan {
        PurchasePlan(
            arrivals: .steady(
                rate: options.rate, seconds: options.duration.duration.secondsCount, spacing: options.spacing, seed: options.seed),
            users: options.users, duplicateShare: options.duplicates, parallel: options.parallel)
    }

    private var setup: RunReport.Setup {
        RunReport.Setup(
            scenario: "rush", target: options.target.url, sale: options.sale, sku: options.sku, quantity: options.quantity,
            users: options.users, usersPrefix: names.prefix, rate: options.rate, seconds: options.duration.duration.secondsCount,
            spacing: options.spacing.rawValue, seed: options.seed, duplicateShare: options.duplicates, parallel: options.parallel,
            idempotencyKeys: options.idempotencyKeys, preferAsync: options.preferAsync, auth: options.auth.name,
            connections: options.connections, threads: options.threads, startedAt: startedAt.description)
    }

    /// A process that ended during the run is left out.
    private static func difference(_ before: [ProcessCPU], _ after: [ProcessCPU]) -> [ProcessCPU] {
        after.compactMap { reading in
            before.first { $0.name == reading.name }.map { ProcessCPU(name: reading.name, seconds: reading.seconds - $0.seconds) }
        }
    }
}
