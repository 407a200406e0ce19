import Foundation
import LoadClient
import LoadModel
import LoadSupport
import NIOCore
import NIOPosix
import SaleCore

/// One run of a scenario, from the first connection to the verdict.
struct ScenarioRun<S: Scenario> {
    private let scenario: S
    private let options: CommonOptions
    private let plan: TrafficPlan
    private let names: UserNames
    private let startedAt: Timestamp

    init(_ scenario: S) {
        startedAt = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
        self.scenario = scenario
        options = scenario.common
        plan = scenario.plan
        names = UserNames(
            prefix: options.usersPrefix ?? "load-\(String(startedAt.milliseconds, radix: 36))-", count: max(plan.users, 1))
    }

    /// Prints the report and writes the files.
    func execute() async throws -> RunExit {
        let interrupts = Interrupts.install()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: options.threads)
        let run: Result<RunReport, any Error>
        do {
            run = .success(try await measure(on: group, interrupts))
        } catch {
            run = .failure(error)
        }
        try await group.shutdownGracefully()
        let report = try run.get()
        try ReportFiles.show(report, as: options.output)
        return report.exit
    }

    private func measure(on group: MultiThreadedEventLoopGroup, _ interrupts: Interrupts) async throws -> RunReport {
        let credentials = try self.credentials()
        let paymentSecret = try scenario.paymentSecretFile.map { try SecretFile.read($0, option: "--payment-secret-file") }
        let reader = options.databaseUrl.map {
            DatabaseReader(psql: Psql(url: $0), sale: options.sale, sku: options.sku, usersPrefix: names.prefix)
        }
        let item = scenario.needsItem ? try await readItem() : nil
        let writer = RequestWriter(
            target: options.target,
            purchase: PurchaseSettings(
                sale: options.sale, sku: options.sku, quantity: options.quantity, prefersAsync: options.preferAsync),
            cohorts: plan.cohorts, names: names, credentials: credentials,
            payments: paymentSecret.flatMap { secret in
                item.map { PaymentWriter(secret: secret, amount: $0.unitPrice * Int64(options.quantity), currency: $0.currency) }
            })
        let fleet: Fleet
        do {
            fleet = try await Fleet.connect(
                to: options.target, writer: writer, plan: plan, connections: options.connections,
                timeout: options.timeout.duration.nanosecondsCount, on: group)
        } catch {
            throw RunFailure(status: .unreachable, message: error.description)
        }
        let before: DatabaseReading? = if let reader { try await readBefore(reader) } else { nil }
        await complainAboutMetrics()
        let processes = [NamedProcess(name: "generator", pid: getpid())] + (options.pids?.processes ?? [])
        let sampler = Sampler(processes: processes, metrics: options.metricsUrl)
        let usedBefore = ProcessReading.take(of: processes)
        let watch = RunWatch(scenario: scenario, fleet: fleet, sampler: sampler)
        let (result, wasEnded) = try await watch.run(interrupts)
        let used = Self.difference(usedBefore, ProcessReading.take(of: processes))
        var tally = Tally()
        for purchases in result.tallies[..<plan.purchaseGroupsCount] { tally.add(purchases) }
        var evidence = Evidence(tally: tally, result: result, item: item, samples: sampler.samples, isInterrupted: interrupts.hasHappened)
        let judge = SaleJudge(
            tally: tally, confirmed: result.confirmed, quantity: Int64(options.quantity), userName: { [names] in names[$0] })
        let invariants: [Finding]
        if let reader, let before {
            invariants = await settled(
                judge, &evidence, before: before, reader, patience: interrupts.hasHappened ? .zero : options.settle.duration)
        } else {
            invariants = judge.findings + scenario.findings(evidence)
        }
        let groups = zip(plan.groups, result.tallies).map { (name: $0, tally: $1) }
        var report = RunReport(
            setup: setup, machine: .current, tally: tally, groups: groups, samples: sampler.samples,
            lagLimitMicroseconds: options.lagLimit.duration.nanosecondsCount / 1_000, used: used, invariants: invariants,
            thresholds: scenario.thresholds, measured: scenario.measured(result), moreThresholds: scenario.thresholdFindings(evidence),
            isInterrupted: interrupts.hasHappened, endedEarly: wasEnded)
        scenario.complete(&report, evidence)
        if let directory = options.report {
            try ReportFiles(directory: directory).write(report, tally: tally, groups: groups)
        }
        return report
    }

    /// Judges again and again until every rule holds, for what is under way moves still; after
    /// `patience` the last judgement stands.
    private func settled(
        _ judge: SaleJudge, _ evidence: inout Evidence, before: DatabaseReading, _ reader: DatabaseReader, patience: Duration
    ) async -> [Finding] {
        let deadline = ContinuousClock.now + patience
        while true {
            do {
                let after = try await reader.read()
                evidence.books = (before, after)
                if scenario.needsItem { evidence.itemAfter = try? await readItem() }
                let findings = judge.findings(before: before, after: after) + scenario.findings(evidence)
                if findings.allSatisfy(\.passed) || ContinuousClock.now >= deadline { return findings }
            } catch {
                if ContinuousClock.now >= deadline { return judge.findings + [Finding("database_readable", false, error.description)] }
            }
            try? await Task.sleep(for: .milliseconds(250))
        }
    }

    /// Without metrics a run is worth as much, but its report lacks charts that somebody expects.
    private func complainAboutMetrics() async {
        guard let metrics = options.metricsUrl else { return }
        do {
            _ = try await HTTPGet.text(metrics, path: "")
        } catch {
            Messages.say("seckill-load: --metrics-url \(metrics.url): \(error.description); the report will be without them")
        }
    }

    private func readItem() async throws(RunFailure) -> ItemReading {
        do {
            return try await ItemReading.read(options.target, sale: options.sale, sku: options.sku)
        } catch {
            throw RunFailure(status: .unreachable, message: "\(options.target.url): \(error.description)")
        }
    }

    private func readBefore(_ reader: DatabaseReader) async throws(RunFailure) -> DatabaseReading {
        do {
            return try await reader.read()
        } catch {
            if case .failed = error { throw RunFailure(status: .unreachable, message: error.description) }
            throw RunFailure(status: .usage, message: error.description)
        }
    }

    private func credentials() throws(RunFailure) -> BuyerCredentials {
        guard case .jwt(let path) = options.auth else { return .trustedHeader }
        let secret = try SecretFile.read(path, option: "--auth")
        let names = names
        return .tokens(
            TokenTable(names: (0..<names.count).lazy.map { names[$0] }, secret: secret, now: Int(startedAt.milliseconds / 1_000)))
    }

    private var setup: RunReport.Setup {
        var setup = RunReport.Setup(
            scenario: S.name, target: options.target.url, sale: options.sale, sku: options.sku, quantity: options.quantity,
            users: plan.users, usersPrefix: names.prefix, rate: plan.expected / max(plan.seconds, 1e-9), seconds: plan.seconds,
            spacing: options.spacing.rawValue, seed: options.seed, duplicateShare: 0, parallel: 1, idempotencyKeys: false,
            preferAsync: options.preferAsync, auth: options.auth.name, connections: options.connections, threads: options.threads,
            startedAt: startedAt.description)
        scenario.describe(&setup)
        setup.command = RepeatCommand.text(CommandLine.arguments)
        return setup
    }

    /// A process that ended during the run is left out.
    private static func difference(_ before: [ProcessReading], _ after: [ProcessReading]) -> [ProcessReading] {
        after.compactMap { reading in
            guard let earlier = before.first(where: { $0.name == reading.name }) else { return nil }
            var used = reading
            used.cpuSeconds -= earlier.cpuSeconds
            return used
        }
    }
}
