// Command grpc_gateway serves organizations the way grpc-gateway's users do: a
// gRPC server, and in the same process the generated REST gateway that calls it
// over a connection. Records are in memory: nothing is durable, nothing is checked.
// Prints "ready ADDR:PORT" when REST is served.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/golang/protobuf/proto"
	"github.com/golang/protobuf/ptypes"
	"github.com/grpc-ecosystem/grpc-gateway/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "mostove/organizations/v1"
)

type server struct {
	pb.UnimplementedOrganizationsServiceServer

	mu     sync.RWMutex
	byName map[string]*pb.Organization
	// In the order of creation: the index of the filter that is measured.
	byKind map[pb.Organization_OrganizationKind][]*pb.Organization
}

func (s *server) GetOrganization(_ context.Context, request *pb.GetOrganizationRequest) (*pb.Organization, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	organization, ok := s.byName[request.Name]
	if !ok {
		return nil, status.Errorf(codes.NotFound, "there is no %s", request.Name)
	}
	return organization, nil
}

// Filters by one kind, the newest first.
func (s *server) ListOrganizations(_ context.Context, request *pb.ListOrganizationsRequest) (*pb.ListOrganizationsResponse, error) {
	kind, ok := pb.Organization_OrganizationKind_value[strings.Trim(strings.TrimPrefix(request.Filter, "kind="), `"`)]
	if !ok {
		return nil, status.Errorf(codes.InvalidArgument, `the filter has to be kind="..."`)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := s.byKind[pb.Organization_OrganizationKind(kind)]
	response := &pb.ListOrganizationsResponse{}
	for i := len(all) - 1; i >= 0; i-- {
		if len(response.Organizations) == int(request.PageSize) {
			response.NextPageToken = fmt.Sprint(i)
			break
		}
		response.Organizations = append(response.Organizations, all[i])
	}
	return response, nil
}

func (s *server) CreateOrganization(_ context.Context, request *pb.CreateOrganizationRequest) (*pb.Organization, error) {
	organization := proto.Clone(request.Organization).(*pb.Organization)
	organization.Name = "organizations/" + request.OrganizationId
	if request.OrganizationId == "" {
		organization.Name += newUUID()
	}
	organization.Etag = `"1"`
	organization.CreateTime = ptypes.TimestampNow()
	organization.UpdateTime = organization.CreateTime
	if organization.State == pb.Organization_STATE_UNSPECIFIED {
		organization.State = pb.Organization_DRAFT
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.byName[organization.Name]; taken {
		return nil, status.Errorf(codes.AlreadyExists, "there is a %s", organization.Name)
	}
	s.byName[organization.Name] = organization
	s.byKind[organization.Kind] = append(s.byKind[organization.Kind], organization)
	return organization, nil
}

func (s *server) BatchCreateOrganizations(ctx context.Context, request *pb.BatchCreateOrganizationsRequest) (*pb.BatchCreateOrganizationsResponse, error) {
	response := &pb.BatchCreateOrganizationsResponse{}
	for _, create := range request.Requests {
		organization, err := s.CreateOrganization(ctx, create)
		if err != nil {
			return nil, err
		}
		response.Organizations = append(response.Organizations, organization)
	}
	return response, nil
}

func newUUID() string {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		log.Fatal(err)
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func listen() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	return listener
}

func main() {
	private, public := listen(), listen()
	grpcServer := grpc.NewServer()
	pb.RegisterOrganizationsServiceServer(grpcServer, &server{
		byName: make(map[string]*pb.Organization),
		byKind: make(map[pb.Organization_OrganizationKind][]*pb.Organization),
	})
	go func() { log.Fatal(grpcServer.Serve(private)) }()

	// JSON as proto3 defines it; this version's default keeps the names of the proto.
	mux := runtime.NewServeMux(runtime.WithMarshalerOption(runtime.MIMEWildcard, &runtime.JSONPb{}))
	err := pb.RegisterOrganizationsServiceHandlerFromEndpoint(
		context.Background(), mux, private.Addr().String(), []grpc.DialOption{grpc.WithInsecure()})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("ready %s\n", public.Addr())
	log.Fatal(http.Serve(public, mux))
}
